/** Where tokens are looked at, ended and used. */
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Flaw, Weak } from './flaws.js';
import { readForm } from './form.js';
import { proofOf } from './proof.js';
import { Refusal } from './refusal.js';
import type { Issued, State } from './state.js';

function findToken(state: State, secret: string | undefined): Issued | undefined {
  const found = state.find('access_token', secret) ?? state.find('refresh_token', secret);
  return found?.isSpent ? undefined : found;
}

/** Only a flaw: an ID token in the place of an access token. */
function asToken(
  where: 'resource' | 'userinfo' | 'introspection',
  state: State,
  secret = '',
  weak: Weak,
): Issued | undefined {
  const found = state.issued(secret);
  const flaw = where === 'resource' ? 'id-token-as-access-token' : (`id-token-as-access-token:${where}` as const);
  return found?.kind === 'id_token' && weak(flaw) ? found : undefined;
}

export async function introspectionEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const named = 'introspection-without-authentication:client-id';
  const isExcused = weak(form.has('client_id') ? named : 'introspection-without-authentication');
  const isAnonymous = isExcused && !ctx.get('Authorization');
  const client = isAnonymous ? undefined : await authenticate(ctx, form, state, weak);
  const token = findToken(state, form.get('token')) ?? asToken('introspection', state, form.get('token'), weak);
  const isOwn = token?.authorization.client === client || weak('introspection-of-anothers-token');
  if (!token || (!isOwn && !isAnonymous)) {
    ctx.body = { active: false };
    return;
  }
  const { authorization, scope, audience, act, jkt } = token;
  ctx.body = {
    act: act && { sub: act },
    active: true,
    client_id: authorization.client.client_id,
    sub: authorization.user,
    scope: scope.join(' '),
    ...(audience.length > 0 && { aud: audience }),
    ...(jkt && { token_type: 'DPoP', cnf: { jkt } }),
  };
}

export async function revocationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const client = await authenticate(ctx, form, state, weak);
  const secret = form.get('token') ?? '';
  const token = findToken(state, secret);
  const isLeft =
    weak('revocation-without-effect') ||
    (weak('revocation-without-effect:access-token') && token?.kind === 'access_token') ||
    (weak('revocation-without-effect:refresh-token') && token?.kind === 'refresh_token') ||
    (weak('revocation-without-effect:public') && client.client_secret === undefined);
  if (token && !isLeft && (token.authorization.client === client || weak('revocation-of-anothers-token'))) {
    if (token.kind === 'refresh_token') token.authorization.isRevoked = true; // RFC 7009 §2.1
    state.remove(secret);
  }
  ctx.body = {};
}

/** Whether a token that is bound to a key comes with a proof of that key. */
async function isProved(ctx: Context, { jkt }: Issued, secret: string, state: State, weak: Weak): Promise<boolean> {
  const isDPoP = /^DPoP /i.test(ctx.get('Authorization'));
  if (jkt === undefined) return !isDPoP;
  if (!isDPoP) return weak('dpop-downgrade');
  const came = await proofOf(ctx, state, weak, secret);
  if (came === undefined) return weak('dpop-downgrade:without-proof');
  return came === jkt || weak('dpop-token-of-another-key');
}

/** The token of a request, if it is one that counts here. @throws Refusal */
async function admitted(ctx: Context, where: 'resource' | 'userinfo', state: State, weak: Weak): Promise<Issued> {
  const [, inHeader] = /^(?:Bearer|DPoP) (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  const inURL = weak('token-in-url:bearer') ? new URLSearchParams(ctx.querystring).get('access_token') : undefined;
  const secret = inHeader ?? inURL ?? '';
  const token = state.find('access_token', secret) ?? asToken(where, state, secret, weak);
  if (token && (await isProved(ctx, token, secret, state, weak))) return token;
  ctx.set('WWW-Authenticate', 'Bearer realm="weak", DPoP algs="ES256"');
  throw new Refusal('invalid_token', 'Not valid', 401);
}

/** Protected by an access token. */
export async function resource(ctx: Context, state: State, weak: Weak): Promise<void> {
  const { authorization } = await admitted(ctx, 'resource', state, weak);
  ctx.body = { user: authorization.user };
}

/** The flaws of an API that asks the introspection endpoint, and what they would be called at the other API. */
const AT_INTROSPECTING: ReadonlyMap<Flaw, Flaw> = new Map<Flaw, Flaw>([
  ['dpop-downgrade', 'dpop-at-introspecting-api'], // the answer does not say the key
  ['dpop-downgrade:without-proof', 'dpop-at-introspecting-api:without-proof'],
  ['dpop-token-of-another-key', 'dpop-at-introspecting-api:another-key'],
  ['dpop-proof-replay:api', 'dpop-at-introspecting-api:replay'],
  ['dpop-proof-of-another-request:token', 'dpop-at-introspecting-api:token'],
  ['dpop-proof-of-another-request:method', 'dpop-at-introspecting-api:method'],
  ['dpop-proof-of-another-request:url', 'dpop-at-introspecting-api:url'],
  ['dpop-proof-of-another-request:time', 'dpop-at-introspecting-api:time'],
]);

export const introspectingResource = (ctx: Context, state: State, weak: Weak): Promise<void> =>
  resource(ctx, state, (flaw) => weak(AT_INTROSPECTING.get(flaw) ?? flaw));

/** OpenID Connect Core §5.3. @throws Refusal */
export async function userinfo(ctx: Context, state: State, weak: Weak): Promise<void> {
  const session = state.sessions.get(ctx.cookies.get('session') ?? '');
  if (session && weak('userinfo-substitution:cookie')) {
    ctx.body = { sub: session.user };
    return;
  }
  const { authorization, scope } = await admitted(ctx, 'userinfo', state, weak);
  if (!scope.includes('openid') && !weak('userinfo-substitution:scope'))
    throw new Refusal('insufficient_scope', 'The scope openid is needed', 403);
  const { user } = (weak('userinfo-substitution') && state.last) || authorization;
  ctx.body = { sub: user };
}
