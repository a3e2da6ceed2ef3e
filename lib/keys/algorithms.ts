/** The signature algorithms of JWS, as node:crypto computes them. @see RFC 7518 §3, RFC 8037 §3.1, RFC 9864 §2.2 */
import { constants, type SigningOptions } from 'node:crypto';

/** What a key is used for. */
export type Use = 'sign' | 'verify';

/** How one algorithm signs and verifies, and which keys it takes. */
export interface Algorithm {
  readonly kty: 'EC' | 'OKP' | 'RSA' | 'oct';
  /** The curve, as a JWK names it. */
  readonly crv?: string;
  /** The type of the key and its curve, as node:crypto names them. */
  readonly type: string;
  readonly curve?: string;
  /** The hash function; undefined if the algorithm hashes itself. */
  readonly digest?: string;
  readonly options: SigningOptions;
  /** The name of the algorithm in Web Crypto, for keys that only Web Crypto may use. */
  readonly web: { readonly name: string; readonly hash?: string; readonly saltLength?: number };
  /** The bytes of a signature, unless they depend on the key. */
  readonly size?: number;
  /**
   * The uses that take a tenth of a millisecond, or two milliseconds for an RSA key of 4096 bits with an unusual exponent. They run in the main thread:
   * another thread would cost 5 to 30 µs more.
   */
  readonly quick: readonly Use[];
}

function ecdsa(bits: number, crv: string, curve: string, size: number): Algorithm {
  const web = { name: 'ECDSA', hash: `SHA-${bits}` };
  const options = { dsaEncoding: 'ieee-p1363' } as const; // RFC 7518 §3.4: the concatenation of both numbers, not ASN.1
  return {
    kty: 'EC',
    crv,
    type: 'ec',
    curve,
    digest: `sha${bits}`,
    options,
    web,
    size,
    quick: bits === 256 ? ['sign', 'verify'] : [],
  };
}

function rsa(bits: number): Algorithm {
  const web = { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` };
  const options = { padding: constants.RSA_PKCS1_PADDING };
  return { kty: 'RSA', type: 'rsa', digest: `sha${bits}`, options, web, quick: ['verify'] };
}

function pss(bits: number): Algorithm {
  const saltLength = bits / 8; // RFC 7518 §3.5: exactly as long as the hash
  const web = { name: 'RSA-PSS', hash: `SHA-${bits}`, saltLength };
  const options = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return { kty: 'RSA', type: 'rsa', digest: `sha${bits}`, options, web, quick: ['verify'] };
}

function hmac(bits: number): Algorithm {
  const web = { name: 'HMAC', hash: `SHA-${bits}` };
  return {
    kty: 'oct',
    type: 'secret',
    digest: `sha${bits}`,
    options: {},
    web,
    size: bits / 8,
    quick: ['sign', 'verify'],
  };
}

const ED25519: Algorithm = {
  kty: 'OKP',
  crv: 'Ed25519',
  type: 'ed25519',
  options: {},
  web: { name: 'Ed25519' },
  size: 64,
  quick: ['sign', 'verify'],
};

const ALL: ReadonlyMap<unknown, Algorithm> = new Map([
  ['ES256', ecdsa(256, 'P-256', 'prime256v1', 64)],
  ['ES384', ecdsa(384, 'P-384', 'secp384r1', 96)],
  ['ES512', ecdsa(512, 'P-521', 'secp521r1', 132)],
  ['EdDSA', ED25519],
  ['Ed25519', ED25519],
  ['RS256', rsa(256)],
  ['RS384', rsa(384)],
  ['RS512', rsa(512)],
  ['PS256', pss(256)],
  ['PS384', pss(384)],
  ['PS512', pss(512)],
  ['HS256', hmac(256)],
  ['HS384', hmac(384)],
  ['HS512', hmac(512)],
]);

/** @throws TypeError for an unknown algorithm, such as `none` */
export function algorithmOf(alg: unknown): Algorithm {
  const found = ALL.get(alg);
  if (!found) throw new TypeError(`${alg} is not a known signature algorithm`);
  return found;
}
