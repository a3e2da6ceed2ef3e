/** Where tokens are looked at, ended and used. */
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Weak } from './flaws.js';
import { readForm } from './form.js';
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
  const { authorization, scope } = token;
  ctx.body = {
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

/** Protected by a bearer token. */
export function resource(ctx: Context, state: State, weak: Weak): void {
  const [, inHeader] = /^Bearer (\S+)$/i.exec(ctx.get('Authorization')) ?? [];
  const inURL = weak('token-in-url:bearer') ? new URLSearchParams(ctx.querystring).get('access_token') : undefined;
  const token = state.find('access_token', inHeader ?? inURL ?? undefined);
  if (!token) {
    ctx.set('WWW-Authenticate', 'Bearer realm="weak"');
    throw new Refusal('invalid_token', 'Not valid', 401);
  }
  ctx.body = { user: token.authorization.user };
}
