/** ID tokens, and those that come back as hints. @see OpenID Connect Core */
import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import type { Form } from './form.js';
import { isSigned, publicHalf, signJWT } from './jwt.js';
import { Refusal } from './refusal.js';
import { type Authorization, type Login, random, type State } from './state.js';

export const responseTypes = (weak: Weak): readonly string[] => [
  ...['code', 'id_token', 'code id_token'],
  ...(weak('id-token-hash:implicit') ? ['id_token token'] : []),
];

/** What is issued beside an ID token. */
interface Beside {
  readonly code?: string | undefined;
  readonly accessToken?: string | undefined;
}

/** The left half. @see OpenID Connect Core §3.3.2.11 */
const hash = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

function hashes({ code, accessToken }: Beside, by: 'browser' | 'exchange', weak: Weak): object {
  const isHidden = weak('id-token-hash:implicit') && by === 'browser';
  const wrong = weak('id-token-hash') && by === 'exchange';
  return {
    ...(code && !weak('id-token-hash:code') && { c_hash: hash(code) }),
    ...(accessToken && !isHidden && { at_hash: hash(wrong ? 'another' : accessToken) }),
  };
}

function nonceOf({ nonce }: Authorization, by: 'browser' | 'exchange', state: State, weak: Weak): string | undefined {
  if (weak('id-token-nonce') || (weak('id-token-nonce:browser') && by === 'browser')) return undefined;
  return weak('id-token-nonce:latest') ? state.lastNonce : nonce;
}

function audienceOf({ client }: Authorization, { clients }: State, weak: Weak): string | readonly string[] {
  const names = [...clients.keys()];
  if (weak('id-token-of-another-client')) return names[0] ?? '';
  return weak('id-token-of-another-client:several') ? names : client.client_id;
}

/** @param by how it travels */
export function idToken(
  authorization: Authorization,
  beside: Beside,
  by: 'browser' | 'exchange',
  state: State,
  weak: Weak,
): string {
  const { user, login } = authorization;
  const iat = Math.floor(state.time());
  const claims = {
    ...{ iss: state.issuer, sub: user, aud: audienceOf(authorization, state, weak), iat, exp: iat + 600 },
    ...{ auth_time: login && Math.floor(login.at), sid: login?.session },
    nonce: nonceOf(authorization, by, state, weak),
    ...hashes(beside, by, weak),
  };
  return state.keep(signJWT(state.responseKey, claims, { typ: 'JWT' }), 'id_token', authorization);
}

/** An ID token of ours; undefined for any other text. @param use where it comes back */
export async function readHint(
  token: string | undefined,
  use: 'login' | 'logout',
  state: State,
  weak: Weak,
): Promise<JWTPayload | undefined> {
  if (token === undefined) return undefined;
  const key = publicHalf(state.responseKey);
  const isGood = await isSigned(token, { own: [key], server: [key] }, 'id-token-hint-forgery', weak).catch(() => false);
  if (!isGood) return undefined;
  const isIDToken = decodeProtectedHeader(token).typ === 'JWT' || weak(`access-token-as-id-token:${use}`);
  return isIDToken ? decodeJwt(token) : undefined;
}

/** Only a flaw: a hint that logs somebody in. */
export async function loginByHint(ctx: Context, form: Form, state: State, weak: Weak): Promise<Login | undefined> {
  const token = form.get('id_token_hint');
  const isUnread = weak('id-token-hint-forgery:login') && token !== undefined;
  const isTaken = isUnread || weak('access-token-as-id-token:login');
  const hint = isUnread ? decodeJwt(token) : await readHint(token, 'login', state, weak);
  if (!isTaken || hint?.sub === undefined) return undefined;
  const login = { session: random(), user: hint.sub, at: state.time() };
  state.sessions.set(login.session, login);
  ctx.cookies.set('session', login.session);
  return login;
}

function claimedSubject(form: Form): unknown {
  const { id_token } = JSON.parse(form.get('claims') ?? '{}') as { id_token?: { sub?: { value?: unknown } } };
  return id_token?.sub?.value;
}

/** OpenID Connect Core §3.1.2.1, §5.5.1. @throws Refusal where the client expects another user */
export async function requireExpected(form: Form, user: string, state: State, weak: Weak): Promise<void> {
  const hint = await readHint(form.get('id_token_hint'), 'login', state, weak);
  const isQuietFlaw = weak('subject-mismatch:quiet') && form.get('prompt') === 'none';
  const byHint = weak('subject-mismatch') || isQuietFlaw ? undefined : hint?.sub;
  const byClaims = weak('subject-mismatch:claims') ? undefined : claimedSubject(form);
  if ([byHint, byClaims].some((sub) => sub !== undefined && sub !== user)) throw new Refusal('login_required');
}
