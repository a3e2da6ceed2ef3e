/** Tokens that only Postcards can use: they are bound to a key, and each request has a proof, signed by that key. @see RFC 9449 */
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

const ALGORITHM = 'ES256';

/** A private key. Postcards keeps it for as long as it remembers the browser. */
export async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return exportJWK(privateKey);
}

/** The hash of the public key, by which tokens and codes are bound to it. @see RFC 9449 §6.1, §10 */
export const thumbprintOf = (key: JWK): Promise<string> => calculateJwkThumbprint(key);

interface Request {
  readonly method: string;
  readonly url: string;
  /** The Authorization header, if the request has one. */
  readonly authorization?: string | undefined;
}

/** A proof for one request. @see RFC 9449 §4.2 */
export async function proofFor(
  key: JWK,
  { method, url, authorization = '' }: Request,
): Promise<{ readonly jwt: string; readonly claims: Readonly<Record<string, string>> }> {
  const { kty = '', crv = '', x = '', y = '' } = key;
  const [scheme, token = ''] = authorization.split(' ');
  const ath = createHash('sha256').update(token).digest('base64url');
  const claims = { jti: randomUUID(), htm: method, htu: url, ...(scheme === 'DPoP' && { ath }) };
  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: ALGORITHM, jwk: { kty, crv, x, y } })
    .setIssuedAt()
    .sign(await importJWK(key, ALGORITHM));
  return { jwt, claims };
}
