/** The MCP server: a resource server that looks at tokens, and does nothing else. */
import { createPublicKey, verify } from 'node:crypto';
import type { Context } from 'koa';
import { signedByHMAC } from '../../../lib/testing/attack/signed/jwt.js';
import { publicHalf } from '../weak/jwt.js';
import { random } from '../weak/random.js';
import { type Endpoint, readText, type State } from './nouns.js';

interface Claims {
  readonly iss?: string;
  readonly aud?: string;
  readonly exp?: number;
  readonly scope?: string;
  readonly sub?: string;
}

const decode = (part = ''): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString());

function isSigned(token: string, header: Record<string, unknown>, { key, weak }: State): boolean {
  const [first, second, signature = ''] = token.split('.');
  if (header['alg'] === 'none') return weak('unsigned-token');
  const pem = createPublicKey({ key: publicHalf(key) as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  if (header['alg'] === 'HS256')
    return weak('token-by-public-key') && signedByHMAC(header, decode(second), pem) === token;
  if (weak('altered-token')) return true;
  const jwk = header['jwk'] && weak('token-of-another-key') ? (header['jwk'] as never) : publicHalf(key);
  const used = { key: createPublicKey({ key: jwk as never, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(`${first}.${second}`), used, Buffer.from(signature, 'base64url'));
}

/** The claims of a good token. */
function claimsOf(token: string, state: State): Claims | undefined {
  const { weak, kept, issuer, resource, turned } = state;
  const known = kept.get(token)?.kind;
  if (known === 'code' && weak('code-at-api')) return {};
  if (known === 'refresh_token' && weak('refresh-token-at-api')) return {};
  try {
    const [first, second] = token.split('.');
    const [header, claims]: [Record<string, unknown>, Claims] = [decode(first), decode(second)];
    const isTyped = header['typ'] === 'at+jwt' || weak('id-token-at-api');
    const isOurs = claims.aud === resource || (claims.aud === 'exam' && weak('id-token-at-api'));
    const begins = claims.aud?.startsWith(resource) && weak('token-of-a-longer-resource');
    const isFor = isOurs || begins || weak('token-of-another-resource') || weak('token-audience');
    const isLate = (claims.exp ?? 0) <= Date.now() / 1000 + turned && !weak('expired-token');
    return isSigned(token, header, state) && isTyped && isFor && claims.iss === issuer && !isLate ? claims : undefined;
  } catch {
    return undefined;
  }
}

function tokenOf(ctx: Context, { weak }: State): string | undefined {
  const header = ctx.get('Authorization');
  const [, scheme = '', token] = /^(\w+) (\S+)$/.exec(header) ?? [];
  const isBearer = weak('scheme-in-any-case') ? scheme === 'Bearer' : scheme.toLowerCase() === 'bearer';
  if (isBearer || (scheme && weak('other-scheme'))) return token;
  const query = new URLSearchParams(ctx.querystring).get('access_token');
  return query !== null && weak('token-in-query') ? query : undefined;
}

/** Parameters that a flaw leaves out, and those that it adds. */
function challengeOf(ctx: Context, params: Record<string, string>, { weak, resource, issuer }: State): string {
  const place = new URL(resource).pathname;
  const all: Record<string, string | undefined> = {
    scope: 'files:read',
    resource_metadata: `${issuer}/.well-known/oauth-protected-resource${place}`,
    ...params,
  };
  if (weak('discovery-mechanism')) all['resource_metadata'] = undefined;
  if (weak('challenge-metadata')) all['resource_metadata'] = `${issuer}/nothing`;
  if (weak('challenge-without-error')) all['error'] ??= 'invalid_token';
  if (weak('challenge-scope') || (ctx.status === 403 && weak('insufficient-scope-scope'))) all['scope'] = undefined;
  if (weak('challenge-scope-syntax')) all['scope'] = 'files:read,  files:write';
  if (weak('challenge-without-offline-access')) all['scope'] = 'files:read offline_access';
  if (ctx.status === 403 && weak('insufficient-scope-metadata')) all['resource_metadata'] = undefined;
  const listed = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  if (weak('challenge-parameters-once')) listed.push('scope="files:write"');
  return `Bearer ${listed.join(', ')}`;
}

function refuse(ctx: Context, state: State, params: Record<string, string>): void {
  const { weak } = state;
  const hadToken = params['error'] !== undefined;
  ctx.status = params['error'] === 'insufficient_scope' ? 403 : 401;
  if (!hadToken && weak('unauthorized-status')) ctx.status = 403;
  if (hadToken && weak('unknown-token')) ctx.status = 400;
  const isBare = weak('challenge-bearer') || (hadToken && weak('unknown-token-challenge'));
  if (!isBare) ctx.set('WWW-Authenticate', challengeOf(ctx, params, state));
  ctx.body = weak('unauthorized-no-result') ? { jsonrpc: '2.0', id: 1, result: { tools: [] } } : { error: 'refused' };
}

const methodIn = (body: string): string => /"method":"([^"]*)"/.exec(body)?.[1] ?? '';

/** What a flaw lets in without a good token. */
function isOpen(ctx: Context, { weak, mcpSessions }: State, method: string, isTried: boolean): boolean {
  if (ctx.method !== 'POST') return weak('unauthorized-other-methods');
  if (method === 'tools/list' && weak('unauthorized-every-message')) return true;
  const isKnown = mcpSessions.has(ctx.get('Mcp-Session-Id'));
  return isKnown && weak(isTried ? 'session-is-no-token:made-up' : 'session-is-no-token');
}

/** Whether the session of a request, if it is in one, is of the user of its token. A request to initialize begins one. */
function isOwnSession(ctx: Context, { weak, mcpSessions }: State, claims: Claims | undefined): boolean {
  const session = ctx.get('Mcp-Session-Id');
  if (session !== '') return !claims || mcpSessions.get(session) === claims.sub || weak('session-of-another-user');
  const begun = random();
  mcpSessions.set(begun, claims?.sub);
  ctx.set('Mcp-Session-Id', begun);
  return true;
}

export const api: Endpoint = async (ctx, state) => {
  const { weak } = state;
  const method = methodIn(await readText(ctx));
  const token = tokenOf(ctx, state);
  const claims = token === undefined ? undefined : claimsOf(token, state);
  if (!claims && !isOpen(ctx, state, method, token !== undefined)) {
    const error = weak('unknown-token-error') ? 'invalid_request' : 'invalid_token';
    refuse(ctx, state, token === undefined ? {} : { error });
    return;
  }
  const scope = claims?.scope?.split(' ') ?? [];
  if (method === 'tools/call' && claims && !scope.includes('files:write')) {
    if (!weak('insufficient-scope-status')) {
      const needed = weak('insufficient-scope-once') ? 'files:read' : 'files:write';
      const error = 'insufficient_scope';
      refuse(ctx, state, { error, scope: needed });
      if (weak('insufficient-scope-error'))
        ctx.set('WWW-Authenticate', ctx.response.get('WWW-Authenticate').replace(error, 'invalid_token'));
      return;
    }
  }
  if (!isOwnSession(ctx, state, claims)) {
    ctx.status = 404;
    return;
  }
  ctx.body = { jsonrpc: '2.0', id: 1, result: {} };
};
