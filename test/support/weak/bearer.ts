/** Where tokens are looked at, ended and used. */
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Weak } from './flaws.js';
import { readForm } from './form.js';
import { proofOf } from './proof.js';
import { Refusal } from './refusal.js';
import type { Issued, State } from './state.js';

function findToken(state: State, secret: string | undefined): Issued | undefined {
  const found = state.find('access_token', secret) ?? state.find('refresh_token', secret);
  return found?.isSpent ? undefined : found;
}

export async function introspectionEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const named = 'introspection-without-authentication:client-id';
  const isExcused = weak(form.has('client_id') ? named : 'introspection-without-authentication');
  const isAnonymous = isExcused && !ctx.get('Authorization');
  const client = isAnonymous ? undefined : authenticate(ctx, form, state, weak);
  const token = findToken(state, form.get('token'));
  const isOwn = token?.authorization.client === client || weak('introspection-of-anothers-token');
  if (!token || (!isOwn && !isAnonymous)) {
    ctx.body = { active: false };
    return;
  }
  const { authorization, scope, audience, act } = token;
  ctx.body = {
    aud: audience,
    act: act && { sub: act },
    active: true,
    client_id: authorization.client.client_id,
    sub: authorization.user,
    scope: scope.join(' '),
  };
}

export async function revocationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const client = authenticate(ctx, form, state, weak);
  const secret = form.get('token') ?? '';
  const token = findToken(state, secret);
  if (token && (token.authorization.client === client || weak('revocation-of-anothers-token'))) {
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

/** Protected by an access token. */
export async function resource(ctx: Context, state: State, weak: Weak): Promise<void> {
  const [, inHeader] = /^(?:Bearer|DPoP) (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  const inURL = weak('token-in-url:bearer') ? new URLSearchParams(ctx.querystring).get('access_token') : undefined;
  const secret = inHeader ?? inURL ?? '';
  const token = state.find('access_token', secret);
  if (!token || !(await isProved(ctx, token, secret, state, weak))) {
    ctx.set('WWW-Authenticate', 'Bearer realm="weak", DPoP algs="ES256"');
    throw new Refusal('invalid_token', 'Not valid', 401);
  }
  ctx.body = { user: token.authorization.user };
}
