/** Signs JWTs for honest clients, and forges them for attackers. */
import { createHmac, createPublicKey } from 'node:crypto';
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

export type Members = Readonly<Record<string, unknown>>;

/** Members to set; undefined removes one. */
export function withChanges(members: Members, changes: Members): Members {
  return Object.fromEntries(Object.entries({ ...members, ...changes }).filter(([, value]) => value !== undefined));
}

export interface KeyPair {
  readonly alg: string;
  readonly kid?: string | undefined;
  readonly privateJWK: JWK;
  readonly publicJWK: JWK;
}

const PUBLIC = ['kty', 'crv', 'x', 'y', 'n', 'e', 'alg', 'kid', 'use'];

/** The public part of a key. */
export function publicHalf(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => PUBLIC.includes(name))) as JWK;
}

/** A new key. @param kid its `kid`, which may be that of another key */
export async function newKey(alg = 'ES256', kid?: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateJWK: await exportJWK(privateKey), publicJWK: await exportJWK(publicKey) };
}

export async function sign(header: Members, claims: Members, { privateJWK, alg }: KeyPair): Promise<string> {
  const key = (await importJWK(privateJWK, alg)) as CryptoKey;
  return new SignJWT({ ...claims }).setProtectedHeader({ alg, ...header } as never).sign(key);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT without a signature. @see RFC 7515 appendix A.5 */
export function unsigned(header: Members, claims: Members): string {
  return `${encode({ ...header, alg: 'none' })}.${encode(claims)}.`;
}

/** A JWT with an HMAC by a secret that the attacker knows. */
export function signedByHMAC(header: Members, claims: Members, secret: string | Buffer): string {
  const content = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

/** The forms in which a server may use its copy of a public key as the secret of an HMAC. */
export function publicKeyAsSecrets(jwk: JWK): readonly (string | Buffer)[] {
  const key = createPublicKey({ key: publicHalf(jwk) as never, format: 'jwk' });
  return [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    JSON.stringify(publicHalf(jwk)),
  ];
}

/** Changes the claims of a JWT, and keeps its signature. */
export function withClaims(jwt: string, changes: Members): string {
  const [header = '', , signature = ''] = jwt.split('.');
  return `${header}.${encode({ ...decodeJwt(jwt), ...changes })}.${signature}`;
}
