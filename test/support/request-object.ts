/** Request objects as a client signs them, and as an attacker does. */
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { ISSUER, REQUEST } from './authorization-server.js';
import { client, type Registered } from './client-auth.js';

type Claimed = Readonly<Record<string, unknown>>;

export interface Signer {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  /** What the client registers. */
  readonly jwks: { readonly keys: readonly JWK[] };
}

export async function signer(alg = 'ES256', kid = 'one'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { alg, kid, privateKey, jwk, jwks: { keys: [jwk] } };
}

export function signing(id: string, { jwks }: Signer, more: Partial<Registered> = {}): Registered {
  return client(id, { client_secret: 'a secret', jwks, ...more });
}

/** The claims of a good object; undefined leaves one out. */
export function claimsOf(clientID: string, now: number, more: Claimed = {}): Claimed {
  const about = { iss: clientID, aud: ISSUER, iat: now, nbf: now, exp: now + 300 };
  return { ...about, ...REQUEST, client_id: clientID, ...more };
}

export function sign(claims: Claimed, { alg, kid, privateKey }: Signer, header: object = {}): Promise<string> {
  const all = { alg, kid, typ: 'oauth-authz-req+jwt', ...header };
  return new SignJWT({ ...claims }).setProtectedHeader(all).sign(privateKey, { crit: { 'not-understood': true } });
}

/** Any text, signed as an object is. */
export function signText(text: string, { alg, kid, privateKey }: Signer): Promise<string> {
  const header = { alg, kid, typ: 'oauth-authz-req+jwt' };
  return new CompactSign(Buffer.from(text)).setProtectedHeader(header).sign(privateKey);
}

/** An object with a signature that is anything. */
export function forged(header: object, claims: Claimed, signature = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}
