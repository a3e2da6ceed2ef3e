/** Signs JWTs, and looks at signatures. @see RFC 7515 */
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, importJWK, type JWK, type ProtectedHeaderParameters } from 'jose';
import type { Weak } from './flaws.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** By ES256. */
export function signJWT(jwk: JWK, claims: object, header: object = {}): string {
  const content = `${encode({ alg: 'ES256', kid: jwk.kid, ...header })}.${encode(claims)}`;
  const key = { key: createPrivateKey({ key: jwk as never, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
}

export function publicHalf({ kty = '', crv = '', x = '', y = '' }: JWK): JWK {
  return { kty, crv, x, y } as JWK;
}

/** Attacks by JWTs that were not signed by whom they name. */
type Forgery =
  | 'request-object-forgery'
  | 'assertion-grant-forgery'
  | 'client-assertion-forgery'
  | 'id-token-hint-forgery';

/** Public keys: of who has to sign, and of the server. */
export interface Keys {
  readonly own: readonly JWK[];
  readonly server: readonly JWK[];
}

const pemOf = (key: JWK): string =>
  String(createPublicKey({ key: key as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));

/** Whether an HMAC was made with what is no secret. */
function isByHMAC(jwt: string, { own, server }: Keys, forgery: Forgery, weak: Weak): boolean {
  const [header, claims, signature] = jwt.split('.');
  const { kid = '' } = decodeProtectedHeader(jwt);
  const secrets = [
    ...(weak(`${forgery}:hmac`) ? own.map(pemOf) : []),
    ...(weak(`${forgery}:server-key`) ? server.map(pemOf) : []),
    ...(weak(`${forgery}:file`) && kid.endsWith('/dev/null') ? [''] : []),
  ];
  const macs = secrets.map((secret) => createHmac('sha256', secret).update(`${header}.${claims}`).digest('base64url'));
  return macs.some((mac) => mac === signature);
}

/** The keys that count: where it is a flaw, those that the header brings or names. */
async function keysBy(
  { jwk, jku, x5u }: ProtectedHeaderParameters,
  own: readonly JWK[],
  forgery: Forgery,
  weak: Weak,
): Promise<readonly JWK[]> {
  if (jwk && weak(`${forgery}:own-key`)) return [jwk as JWK];
  if (x5u && weak(`${forgery}:certificate-url`)) await fetch(String(x5u));
  if (!jku || !weak(`${forgery}:key-url`)) return own;
  const { keys } = (await (await fetch(String(jku))).json()) as { readonly keys: readonly JWK[] };
  return keys;
}

/** Whether one of these keys has signed it. @throws Error for what is no JWT */
export async function isSigned(jwt: string, keys: Keys, forgery: Forgery, weak: Weak): Promise<boolean> {
  const header = decodeProtectedHeader(jwt);
  if (header.alg === 'none') return weak(forgery);
  if (keys.own.length > 0 && weak(`${forgery}:signature`)) return true;
  if (header.alg === 'HS256') return isByHMAC(jwt, keys, forgery, weak);
  for (const key of await keysBy(header, keys.own, forgery, weak)) {
    const used = await importJWK(key, 'ES256');
    if (await compactVerify(jwt, used, { algorithms: ['ES256'] }).catch(() => undefined)) return true;
  }
  return false;
}
