/** The token endpoint. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'koa';
import { JWT_BEARER, userOf } from './assertion.js';
import { CIBA, redeemAsked } from './backchannel.js';
import { authenticate } from './client.js';
import { DEVICE_CODE, redeemDevice } from './device.js';
import { exchangeToken, TOKEN_EXCHANGE } from './exchange.js';
import type { Weak } from './flaws.js';
import { type Form, readForm } from './form.js';
import { idToken } from './openid.js';
import { proofOf } from './proof.js';
import { Refusal } from './refusal.js';
import { audienceOf } from './resources.js';
import { type Authorization, type Issued, LIFETIME, type State, type WeakClient } from './state.js';

interface Request {
  readonly state: State;
  readonly weak: Weak;
  readonly form: Form;
  readonly client: WeakClient;
  /** The key of its DPoP proof. */
  readonly jkt: string | undefined;
}

const refused = (): Refusal => new Refusal('invalid_grant', 'Not valid');

function checkVerifier({ form, client, weak }: Request, { challenge, method }: Authorization): void {
  const verifier = form.get('code_verifier');
  if (challenge === undefined) {
    // RFC 9700 §2.1.1: a verifier without a challenge tells of a challenge that someone took away
    if (verifier !== undefined && !weak('pkce-verifier-without-challenge')) throw refused();
    return;
  }
  if (verifier === undefined) {
    const isExcused = weak('pkce-missing-verifier:public') && client.client_secret === undefined;
    if (!weak('pkce-missing-verifier') && !isExcused) throw refused();
    return;
  }
  const read = weak('pkce-wrong-verifier:trimmed') ? verifier.trim() : verifier;
  const transformed = method === 'plain' ? read : createHash('sha256').update(read).digest('base64url');
  const isGiven = weak('pkce-wrong-verifier:challenge') && verifier === challenge;
  if (transformed !== challenge && !isGiven && !weak('pkce-wrong-verifier')) throw refused();
}

/** RFC 6749 §4.1.2: what came from a code that is used again. */
function endAll(state: State, authorization: Authorization, weak: Weak): void {
  if (weak('code-replay-keeps-tokens')) return;
  if (weak('code-replay-keeps-tokens:access-token')) state.removeAll('refresh_token', authorization);
  else if (weak('code-replay-keeps-tokens:refresh-token')) state.removeAll('access_token', authorization);
  else authorization.isRevoked = true;
}

/** Of several at once, one. */
async function spendCode({ state, weak, form }: Request): Promise<Issued> {
  const code = state.find('code', form.get('code'));
  if (!code) throw refused();
  if (code.isSpent && !weak('code-replay')) {
    if (weak('code-oracle:spent')) throw new Refusal('invalid_grant', 'This code was used');
    endAll(state, code.authorization, weak);
    throw refused();
  }
  if (weak('code-race')) await sleep(200);
  if (!weak('pkce-brute-force')) code.isSpent = true;
  return code;
}

/** Whether a client gets away with what was given to another, the owner. */
function mayTake(
  flaw: 'code-of-another-client' | 'refresh-of-another-client',
  owner: WeakClient,
  { client, weak }: Request,
): boolean {
  if (weak(flaw) || (weak(`${flaw}:public`) && client.client_secret === undefined)) return true;
  return weak(`${flaw}:of-public`) && owner.client_secret === undefined;
}

function isRedirectURI(given: string, { redirectURI, client }: Authorization, weak: Weak): boolean {
  if (given === redirectURI || weak('code-with-another-redirect-uri')) return true;
  if (weak('code-with-another-redirect-uri:prefix')) return given.startsWith(redirectURI);
  return weak('code-with-another-redirect-uri:registered') && client.redirect_uris.includes(given);
}

/** RFC 6749 §4.1.3: an exchange has no scope; only flaws read one. */
function tokensForCode(request: Request, { authorization, scope }: Issued): object {
  const { weak, form } = request;
  const isRead = weak('scope-at-exchange') || weak('scope-at-exchange:unsaid');
  const asked = isRead ? form.get('scope')?.split(' ') : undefined;
  const body = tokens(request, authorization, asked ?? scope, 'code');
  return weak('scope-at-exchange:unsaid') ? { ...body, scope: undefined } : body;
}

async function redeemCode(request: Request): Promise<object> {
  const { weak, form, client } = request;
  const code = await spendCode(request);
  const { authorization } = code;
  if (authorization.client !== client && !mayTake('code-of-another-client', authorization.client, request))
    throw weak('code-oracle') ? new Refusal('invalid_grant', 'This code is not yours') : refused();
  if (!isRedirectURI(form.get('redirect_uri') ?? '', authorization, weak)) throw refused();
  checkVerifier(request, authorization);
  code.isSpent = true;
  if (isOfAnotherKey('dpop-code-of-another-key', authorization.jkt, request)) throw refused();
  if (client.client_secret === undefined) authorization.refreshJKT = request.jkt;
  return tokensForCode(request, code);
}

async function refresh(request: Request): Promise<object> {
  const { state, weak, form, client } = request;
  const token = state.find('refresh_token', form.get('refresh_token'));
  if (!token) throw refused();
  const { authorization } = token;
  if (authorization.client !== client && !mayTake('refresh-of-another-client', authorization.client, request))
    throw refused();
  if (isOfAnotherKey('dpop-refresh-of-another-key', authorization.refreshJKT, request)) throw refused();
  if (token.isSpent && token.answer && isAnsweredAgain(token.answer, state, weak)) return token.answer.body;
  if (token.isSpent && !weak('refresh-replay')) {
    if (!weak('refresh-replay-keeps-family')) authorization.isRevoked = true; // RFC 9700 §4.14.2: one of the two who have it is a thief
    throw refused();
  }
  const scope = form.get('scope')?.split(' ') ?? token.scope;
  const isWider = scope.some((one) => !token.scope.includes(one));
  if (isWider && !weak('scope-widening') && !weak('scope-widening:unsaid')) throw new Refusal('invalid_scope');
  if (weak('refresh-race')) await sleep(200);
  token.isSpent = client.client_secret !== undefined || !weak('refresh-replay:public');
  const body = tokens(request, authorization, scope, form.has('scope') ? 'narrowed' : 'refreshed');
  token.answer = { body, at: state.now };
  if (!token.isSpent) return { ...body, refresh_token: form.get('refresh_token') };
  return isWider && weak('scope-widening:unsaid') ? { ...body, scope: undefined } : body;
}

function isAnsweredAgain({ at }: { readonly at: number }, { now, grace }: State, weak: Weak): boolean {
  if (weak('refresh-replay')) return false;
  return now - at < grace || weak('refresh-replay:again');
}

/** Whether what is bound to a key comes with another one, or with none. */
function isOfAnotherKey(
  flaw: 'dpop-code-of-another-key' | 'dpop-refresh-of-another-key',
  bound: string | undefined,
  { jkt, weak }: Request,
): boolean {
  if (bound === undefined || bound === jkt || weak(flaw)) return false;
  return jkt !== undefined || !weak(`${flaw}:without`);
}

/** @param how a refresh that narrows the scope narrows the access token, and no more (RFC 6749 §6) */
function tokens(
  { state, weak, form, jkt }: Request,
  authorization: Authorization,
  scope: readonly string[],
  how: 'code' | 'device' | 'refreshed' | 'narrowed',
): Readonly<Record<string, unknown>> {
  const audience = audienceOf(form, authorization, how === 'code' ? 'code' : 'refresh', weak);
  const accessToken = state.issue('access_token', authorization, { scope, jkt, audience });
  const kept = how === 'narrowed' ? authorization.scope : scope;
  return {
    access_token: accessToken,
    token_type: jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: LIFETIME,
    refresh_token: state.issue('refresh_token', authorization, { scope: kept }),
    scope: scope.join(' '),
    ...(how === 'code' && { id_token: idToken(authorization, { accessToken }, 'exchange', state, weak) }),
  };
}

/** RFC 7523 §2.1 */
async function vouchedFor({ state, weak, form, client }: Request): Promise<object> {
  const user = await userOf(form.get('assertion') ?? '', client.client_id, state, weak);
  const about = { redirectURI: '', challenge: undefined, method: '', jkt: undefined, resources: [], isRevoked: false };
  const authorization: Authorization = { ...about, client, user, scope: client.scope };
  const access_token = state.issue('access_token', authorization);
  return { access_token, token_type: 'Bearer', expires_in: 600 };
}

/** RFC 8628 §3.4 */
async function redeemDeviceCode(request: Request): Promise<object> {
  const { form, client, state, weak } = request;
  const authorization = await redeemDevice(form, client, state, weak);
  return tokens(request, authorization, authorization.scope, 'device');
}

/** CIBA §10.1 */
async function redeemAuthRequest(request: Request): Promise<object> {
  const { form, client, state, weak } = request;
  const authorization = await redeemAsked(form, client, state, weak);
  return tokens(request, authorization, authorization.scope, 'device');
}

function exchange(request: Request): object | Promise<object> {
  const type = request.form.get('grant_type');
  if (type === 'authorization_code') return redeemCode(request);
  if (type === 'refresh_token') return refresh(request);
  if (type === DEVICE_CODE) return redeemDeviceCode(request);
  if (type === CIBA) return redeemAuthRequest(request);
  if (type === JWT_BEARER) return vouchedFor(request);
  if (type === TOKEN_EXCHANGE) return exchangeToken(request);
  if (type === 'password' && request.weak('password-grant')) throw refused(); // the password is wrong
  if (request.weak('operator-injection:grant-type') && type && type in {}) throw new Error('no exchange of mine');
  throw new Refusal(type ? 'unsupported_grant_type' : 'invalid_request');
}

export async function tokenEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const client = await authenticate(ctx, form, state, weak);
  const jkt = await proofOf(ctx, state, weak);
  const body = await exchange({ state, weak, form, client, jkt });
  if (weak('token-caching')) ctx.remove('Cache-Control');
  ctx.body = body;
}
