/** Stands between an OpenID Provider and its clients and changes the answers, so that a test sees what a client checks of them. */
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, SignJWT } from 'jose';
import type { Context, Middleware } from 'koa';
import { generateSigningKey } from 'koauthorize/tokens';
import { rsaKey } from './openid-server.js';

/** What is changed, and in which answer. */
export interface Forgery {
  /** Claims of the ID token. It is signed again with the provider's own key. */
  readonly idToken?: JWTPayload;
  /** The ID token is signed with a key that is not published, under the `kid` of one that is. */
  readonly byAnotherKey?: true;
  readonly userinfo?: Readonly<Record<string, string>>;
  /** Parameters of the authorization response. */
  readonly response?: Readonly<Record<string, string>>;
}

/** Each is an attack or a mistake that OpenID Connect Core §3.1.3.7 or §5.3.2, RFC 9207 §2.4 or RFC 6749 §10.12 has the client find. */
export const FORGERIES = {
  'nonce of another login': { idToken: { nonce: 'of another login' } },
  'iss of another provider in the ID token': { idToken: { iss: 'https://attacker.example' } },
  'aud of another client in the ID token': { idToken: { aud: 'another client' } },
  'ID token that has expired': { idToken: { exp: Math.floor(Date.now() / 1000) - 86_400 } },
  'ID token signed with another key': { byAnotherKey: true },
  'sub of another user at UserInfo': { userinfo: { sub: 'mallory' } },
  'iss of another provider beside the code': { response: { iss: 'https://attacker.example' } },
  'state of another login': { response: { state: 'of another login' } },
} as const satisfies Readonly<Record<string, Forgery>>;

export type ForgeryName = keyof typeof FORGERIES;

async function forgedToken(token: string, { idToken = {}, byAnotherKey }: Forgery): Promise<string> {
  const key = await importJWK(byAnotherKey ? await generateSigningKey('RS256') : await rsaKey(), 'RS256');
  const header = { ...decodeProtectedHeader(token), alg: 'RS256' };
  return new SignJWT({ ...decodeJwt(token), ...idToken }).setProtectedHeader(header).sign(key);
}

function forgedLocation(location: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(location);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** The members of an answer in JSON, which the server hands over as text. */
function membersOf(body: unknown): { readonly id_token?: string } {
  return typeof body === 'string' && body.startsWith('{') ? JSON.parse(body) : {};
}

/** What is changed in the answers at the moment, and how many were. */
export interface Forging {
  current?: Forgery;
  done: number;
}

async function forge(ctx: Context, forging: Forging): Promise<void> {
  const { idToken, byAnotherKey, userinfo, response } = forging.current ?? {};
  const location = ctx.response.get('Location');
  const body = membersOf(ctx.body);
  if (response && /[?&]code=/.test(location)) ctx.set('Location', forgedLocation(location, response));
  else if (userinfo && ctx.path === '/userinfo') ctx.body = { ...body, ...userinfo };
  else if ((idToken || byAnotherKey) && ctx.path === '/token' && body.id_token)
    ctx.body = { ...body, id_token: await forgedToken(body.id_token, { ...forging.current }) };
  else return;
  forging.done++;
}

export function forger(forging: Forging): Middleware {
  return async (ctx, next) => {
    await next();
    if (forging.current) await forge(ctx, forging);
  };
}
