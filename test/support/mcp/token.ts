/** The token endpoint of the exam's tests. */
import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { signJWT } from '../weak/jwt.js';
import { random } from '../weak/random.js';
import { findClient } from './clients.js';
import {
  type Authorization,
  type Client,
  type Endpoint,
  type Kept,
  LIFETIME,
  Refusal,
  readText,
  type State,
  single,
} from './nouns.js';

type Params = ReadonlyMap<string, string>;

const invalidGrant = (state: State): Refusal =>
  new Refusal(state.weak('unknown-code') || state.weak('unknown-refresh-token') ? 'invalid_client' : 'invalid_grant');

function authenticate(ctx: Context, params: Params, state: State): Client {
  const { weak } = state;
  const basic = /^Basic (.+)$/.exec(ctx.get('Authorization'))?.[1];
  const [name, secret] = basic === undefined ? [] : atob(basic).split(':').map(decodeURIComponent);
  const client = findClient(name ?? params.get('client_id') ?? '', state);
  if (!client)
    throw new Refusal(weak('unknown-client') ? 'invalid_grant' : 'invalid_client', weak('unknown-client') ? 400 : 401);
  const isRight = client.client_secret === undefined || client.client_secret === secret || weak('wrong-secret');
  if (!isRight) throw new Refusal('invalid_client', 401);
  return client;
}

function requireVerifier(params: Params, { challenge, method }: Authorization, { weak }: State): void {
  if (challenge === undefined) return;
  const verifier = params.get('code_verifier');
  if (verifier === undefined && weak('verifier-missing')) return;
  const isChallenge = verifier === challenge && weak('verifier-is-challenge');
  const made =
    method === 'S256'
      ? createHash('sha256')
          .update(verifier ?? '')
          .digest('base64url')
      : verifier;
  if (made !== challenge && !isChallenge && !weak('verifier-wrong')) throw new Refusal('invalid_grant');
}

/** What was issued under this secret. @throws Refusal */
function find(kind: Kept['kind'], secret: string | undefined, client: Client, state: State): Kept {
  const { weak, kept } = state;
  const found = kept.get(secret ?? '');
  if (!found || found.kind !== kind || found.authorization.isEnded) throw invalidGrant(state);
  const name = kind === 'code' ? 'code-of-another-client' : 'refresh-token-of-another-client';
  if (found.authorization.client.client_id !== client.client_id && !weak(name)) throw new Refusal('invalid_grant');
  if (!found.isSpent || weak(kind === 'code' ? 'code-once' : 'refresh-once')) return found;
  const isForgiven = weak(kind === 'code' ? 'code-replay-ends-tokens' : 'refresh-replay-ends-family');
  found.authorization.isEnded = !isForgiven;
  throw new Refusal('invalid_grant');
}

function accessToken(authorization: Authorization, scope: readonly string[], state: State, resource: string): string {
  const { issuer, key, weak, turned } = state;
  const iat = Math.floor(Date.now() / 1000) + turned;
  const { user: sub, client } = authorization;
  const aud = weak('token-audience') ? 'every-api' : resource;
  const claims = {
    iss: issuer,
    aud,
    sub,
    client_id: client.client_id,
    scope: scope.join(' '),
    iat,
    exp: iat + LIFETIME,
  };
  return signJWT(key, { ...claims, jti: random() }, { typ: 'at+jwt' });
}

interface Issue {
  readonly authorization: Authorization;
  readonly scope: readonly string[];
  readonly resource: string;
  /** The one that goes on, where a flaw does not rotate it. */
  readonly old?: string | undefined;
}

function tokens({ authorization, scope, resource, old }: Issue, state: State): object {
  const { weak, kept, issuer, key } = state;
  const refreshToken = old ?? random();
  kept.set(refreshToken, { kind: 'refresh_token', authorization, isSpent: false });
  return {
    access_token: weak('good-token') ? 'broken' : accessToken(authorization, scope, state, resource),
    token_type: weak('token-type') ? 'mac' : 'Bearer',
    ...(!weak('token-lifetime') && { expires_in: weak('token-short-lived') ? 86_400 : LIFETIME }),
    refresh_token: refreshToken,
    scope: scope.join(' '),
    id_token: signJWT(key, { iss: issuer, aud: 'exam', sub: authorization.user, exp: 9_999_999_999 }, { typ: 'JWT' }),
  };
}

/** @throws Refusal */
function resourceOf(params: Params, { resource }: Authorization, { weak }: State): string {
  const asked = params.get('resource') ?? resource;
  if (asked !== resource && !weak('resource-swap')) throw new Refusal('invalid_target');
  return asked;
}

function exchange(params: Params, client: Client, state: State): object {
  const code = find('code', params.get('code'), client, state);
  const { authorization } = code;
  const resource = resourceOf(params, authorization, state);
  if (params.get('redirect_uri') !== authorization.redirectURI) throw new Refusal('invalid_grant');
  code.isSpent = true;
  requireVerifier(params, authorization, state);
  return tokens({ authorization, scope: authorization.scope, resource }, state);
}

function refresh(params: Params, client: Client, state: State): object {
  const { weak, resource: own } = state;
  const old = params.get('refresh_token');
  const found = find('refresh_token', old, client, state);
  const { authorization } = found;
  const scope = params.get('scope')?.split(' ') ?? authorization.scope;
  const isWide = scope.some((each) => !authorization.scope.includes(each));
  if (isWide && !weak('refresh-narrows')) throw new Refusal('invalid_scope');
  found.isSpent = true;
  const resource = weak('refreshed-token') ? `${own}/another` : resourceOf(params, authorization, state);
  return tokens({ authorization, scope, resource, old: weak('refresh-rotates') ? old : undefined }, state);
}

const KNOWN = new Set(
  'grant_type client_id code redirect_uri code_verifier refresh_token scope resource username password'.split(' '),
);

function answer(params: Params, client: Client, state: State): object {
  const { weak } = state;
  const type = params.get('grant_type');
  if (weak('token-unknown-parameter') && [...params.keys()].some((name) => !KNOWN.has(name)))
    throw new Refusal('invalid_request');
  if (weak('token')) throw new Refusal('invalid_grant');
  if (type === 'authorization_code') return exchange(params, client, state);
  if (type === 'refresh_token') return refresh(params, client, state);
  if (type === 'password' && weak('password-grant')) throw new Refusal('invalid_grant');
  if (type === undefined) throw new Refusal(weak('missing-grant-type') ? 'unsupported_grant_type' : 'invalid_request');
  throw new Refusal(weak('unknown-grant-type') ? 'invalid_request' : 'unsupported_grant_type');
}

export const token: Endpoint = async (ctx, state) => {
  const { weak } = state;
  const isGET = ctx.method === 'GET' && weak('token-post-only');
  if (ctx.method !== 'POST' && !isGET) throw new Refusal('invalid_request', 405);
  const text = isGET ? ctx.querystring : await readText(ctx);
  const params = single(new URLSearchParams(text), weak('token-repeated-parameter'));
  const body = answer(params, authenticate(ctx, params, state), state);
  if (!weak('token-no-store')) ctx.set('Cache-Control', 'no-store');
  ctx.body = body;
  if (weak('token-json')) ctx.type = 'text';
};

export const revoke: Endpoint = async (ctx, { kept, weak }) => {
  const found = kept.get(new URLSearchParams(await readText(ctx)).get('token') ?? '');
  if (found && !weak('revoked-refresh-token')) found.authorization.isEnded = true;
  ctx.body = {};
};
