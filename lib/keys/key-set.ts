import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { requireKnown } from '../options.js';

/** Algorithms that access tokens are signed with. @see RFC 9068 §2.1, RFC 8725 §3.1 */
export type SigningAlgorithm = 'EdDSA' | 'ES256' | 'RS256' | 'PS256';

const ALGORITHMS: ReadonlySet<string> = new Set<SigningAlgorithm>(['EdDSA', 'ES256', 'RS256', 'PS256']);

/** Members of a JWK that are the private key, or a secret one. @see RFC 7518 §6 */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export interface Keys {
  /** The private key that signs from now on, with `alg`. */
  readonly signing: JWK;
  /** Further keys that APIs are to know: those of tokens still about, and those of tokens to come. Public parts will do. */
  readonly published?: readonly JWK[];
}

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly key: CryptoKey | Uint8Array;
}

/** A current signing key, and all that are published. */
export interface KeySet {
  /** The key that signs. @throws Error where another algorithm is asked for */
  signing(alg?: string): Key;
  /** A published key. */
  find(kid: string | undefined): Key | undefined;
  /** The public keys, verbatim. @see RFC 7517 §5 */
  jwks(): { readonly keys: readonly JWK[] };
  /** Takes other keys from now on, without a restart. Keep the earlier key published until its tokens have ended. */
  rotate(keys: Keys): Promise<void>;
}

async function identified(jwk: JWK): Promise<JWK & { kid: string; alg: string }> {
  const { alg } = jwk;
  if (alg === undefined || !ALGORITHMS.has(alg))
    throw new TypeError(`A signing key needs an alg of ${[...ALGORITHMS].join(', ')}, not ${alg}`);
  return { ...jwk, alg, kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)) };
}

function publicPart(jwk: JWK): JWK {
  const members = Object.entries(jwk).filter(([name]) => !PRIVATE.includes(name) && name !== 'key_ops');
  return { ...Object.fromEntries(members), use: 'sig' };
}

async function isSame(one: JWK, other: JWK): Promise<boolean> {
  return one.alg === other.alg && (await calculateJwkThumbprint(one)) === (await calculateJwkThumbprint(other));
}

async function load(keys: Keys) {
  requireKnown<Keys>(keys, { signing: true, published: true }, 'keySet');
  const { signing, published = [] } = keys;
  if (signing.d === undefined) throw new TypeError('The signing key must be a private key');
  const own = await identified(signing);
  const all = new Map<string, Key & { readonly jwk: JWK }>();
  for (const jwk of [own, ...(await Promise.all(published.map(identified)))]) {
    const open = publicPart(jwk);
    const other = all.get(jwk.kid);
    if (other && !(await isSame(other.jwk, open))) throw new TypeError(`Two keys have the kid ${jwk.kid}`);
    all.set(jwk.kid, { kid: jwk.kid, alg: jwk.alg, key: await importJWK(open, jwk.alg), jwk: open });
  }
  return { signing: { kid: own.kid, alg: own.alg, key: await importJWK(own, own.alg) }, all };
}

/**
 * The keys that sign access tokens and that APIs verify them with.
 *
 * @param keys in JWK form; a `kid` that is missing is the key's thumbprint
 * @throws TypeError for a signing key that is not private, a key of no algorithm of ours, or two of one `kid`
 * @example const keys = await keySet({ signing: JSON.parse(process.env.SIGNING_KEY) });
 * @see RFC 7517
 */
export async function keySet(keys: Keys): Promise<KeySet> {
  let current = await load(keys);
  return {
    signing(alg = current.signing.alg) {
      if (alg !== current.signing.alg) throw new Error(`The signing key is for ${current.signing.alg}, not ${alg}`);
      return current.signing;
    },
    find: (kid) => (kid === undefined ? undefined : current.all.get(kid)),
    jwks: () => ({ keys: [...current.all.values()].map(({ jwk }) => jwk) }),
    async rotate(next) {
      current = await load(next);
    },
  };
}

/** A new private key, as a JWK to be kept. @example JSON.stringify(await generateSigningKey('ES256')) */
export async function generateSigningKey(alg: SigningAlgorithm): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return identified({ ...(await exportJWK(privateKey)), alg });
}
