/** Judges authorization requests, at the authorization endpoint and wherever else they come in. @see RFC 6749 §4.1.2.1 */
import type { Context } from 'koa';
import { requireObeyedRequest } from '../clients/obeyed.js';
import { requireRegisteredScope, requireResponseType } from '../clients/permitted.js';
import { trust } from '../clients/redirect-uri.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { refuse } from '../http/params.js';
import { requireKnown } from '../options.js';
import { add } from '../registry/add.js';
import { heeded } from '../registry/heeded-scope.js';
import { isRegistered } from '../registry/layers.js';
import type { AskedRequest } from '../steps.js';
import { AUTHORIZATION, malformed, sift } from '../syntax/parameters.js';
import { faultOfScope, parseScope, scopeOf } from '../syntax/scope.js';
import type { AuthorizationRequest, Params, Scope } from '../types.js';
import { AUTHORIZATION_OPTIONS } from './known.js';
import { responseModeFor, type TransactionMiddlewareOptions } from './options.js';
import { type RawRequest, type RequestOptions, readParams, requireClient } from './request.js';

/**
 * Judges the rest of a request whose client and redirect URI are known, and lets the extensions read their parts.
 *
 * @returns the request with what extensions read
 * @throws AuthorizationError to be redirected. @see RFC 6749 §4.1.2.1
 */
export async function judgeRequest<C, U>(
  core: Core<C, U>,
  ctx: Context,
  client: C,
  { refused, params, malformed: names, areq, fault, isJudged }: RawRequest,
  options: TransactionMiddlewareOptions,
): Promise<AuthorizationRequest> {
  for (const name of refused) throw refuse(name);
  for (const name of names) throw malformed(name, AUTHORIZATION);
  if (fault) throw fault;
  requireType(core, areq.type);
  requireMode(core, areq, options);
  requireResponseType(core, client, areq.type);
  requireObeyedRequest(core, client);
  const request = isJudged ? areq : await parse(core, withScope(core, { params, client, ctx, request: areq }));
  requireRegisteredScope(client, scopeOf(request)); // with what extensions add, such as a default
  return request;
}

async function parse<C, U>(core: Core<C, U>, asked: AskedRequest<C>): Promise<AuthorizationRequest> {
  let current = Object.freeze(asked); // all extensions read this object, and none may write into it: only add() adds to a request
  for (const { name, authorization } of core.extensions) {
    const read = authorization?.parse?.(current);
    if (read) current = Object.freeze(Object.assign({}, current, { request: add(current.request, await read, name) }));
  }
  return current.request;
}

/** An authorization request that came in elsewhere than at the authorization endpoint. */
export interface RequestElsewhere<C> {
  /** The client that sent it, which has authenticated. */
  readonly client: C;
  readonly params: Params;
}

/**
 * Judges an authorization request that comes in at an endpoint of an extension, as the authorization endpoint would: what the parameters stand
 * for, the redirect URI against the client's registration, the response type, the scope, and what every extension reads. The result can be kept as
 * JSON: the extension's step `resolve` then gives it as `{ judged }`.
 *
 * @param options response modes and scope separators. Default: those of `server.authorization()`
 * @throws AuthorizationError that says what is wrong with the request
 * @example const request = await judgeAuthorizationRequest(core, ctx, { client, params });
 * @see RFC 9126 §2.1, RFC 6749 §4.1.2.1
 */
export async function judgeAuthorizationRequest<C, U>(
  core: Core<C, U>,
  ctx: Context,
  { client, params }: RequestElsewhere<C>,
  options: RequestOptions = core.reading.options,
): Promise<AuthorizationRequest> {
  requireKnown<RequestOptions>(options, AUTHORIZATION_OPTIONS, 'judgeAuthorizationRequest');
  const raw = await readParams(core, ctx, { params, refused: new Set(), isElsewhere: true }, options);
  requireClient(raw);
  if (raw.areq.clientID !== core.clientID(client))
    throw reasoned(
      new AuthorizationError('The request names another client', 'invalid_request'),
      'client_id is not that of the client that has authenticated',
      {
        came: raw.areq.clientID,
        client: core.clientID(client),
      },
    );
  trust(core, client, raw.areq.redirectURI, undefined);
  return judgeRequest(core, ctx, client, raw, options);
}

/** An endpoint that clients call themselves, without a browser. */
export interface WithoutBrowser extends Pick<AskedRequest, 'cannotBeSigned'> {
  /** The value of `request.type` for extensions, in place of a response type. */
  readonly type: string;
}

/**
 * Judges a request at an endpoint that clients call without a browser, such as the device authorization endpoint: the scope, and what every extension
 * reads. Such a request has no response type and no redirect URI.
 *
 * @throws AuthorizationError that says what is wrong with the request
 * @see RFC 8628 §3.1
 */
export async function judgeRequestWithoutBrowser<C, U>(
  core: Core<C, U>,
  ctx: Context,
  { client, params: sent }: RequestElsewhere<C>,
  { type, ...more }: WithoutBrowser,
): Promise<AuthorizationRequest> {
  const { params, malformed: names } = sift(sent, AUTHORIZATION);
  for (const name of names) throw malformed(name, AUTHORIZATION);
  const clientID = core.clientID(client);
  if (clientID === undefined) throw new TypeError('Clients have no client_id: say createServer({ clientID })');
  requireObeyedRequest(core, client);
  const read: AuthorizationRequest = { type, clientID, scope: parseScope(params.get('scope')) };
  const request = await parse(
    core,
    withScope(core, { params, client, ctx, request: read, isWithoutBrowser: true, ...more }),
  );
  requireRegisteredScope(client, scopeOf(request));
  return request;
}

/** @throws AuthorizationError */
function requireType<C, U>(core: Core<C, U>, type: string): void {
  if (!type) throw new AuthorizationError('Missing required parameter: response_type', 'invalid_request');
  if (isRegistered(core, type)) return;
  const error = new AuthorizationError(`Unsupported response type: ${type}`, 'unsupported_response_type');
  throw reasoned(error, 'Nothing answers this response type', { answered: [...core.grants.keys()] });
}

/** The request with its scope: an empty one if it asks for access by other parameters only. @throws AuthorizationError `invalid_scope` */
function withScope<C, U>(core: Core<C, U>, asked: AskedRequest<C>): AskedRequest<C> {
  const { params, request } = asked;
  requireScope(scopeOf(request));
  if (scopeOf(request) || params.has('scope')) return withHeeded(core, asked);
  const asksOtherwise = core.extensions.some(({ asksBy }) => asksBy?.some((name) => params.has(name)));
  return asksOtherwise ? { ...asked, request: { ...request, scope: [] } } : asked;
}

/** The request without the words of its scope that extensions ignore; without a scope if no word is left. */
function withHeeded<C, U>(core: Core<C, U>, asked: AskedRequest<C>): AskedRequest<C> {
  const { request } = asked;
  const sent = scopeOf(request) ?? [];
  const scope = heeded(core, sent, asked);
  if (scope.length === sent.length) return asked;
  return { ...asked, request: { ...request, scope: scope.length > 0 ? scope : undefined } };
}

/** @throws AuthorizationError for an empty scope, and for one with a malformed word. @see RFC 6749 §3.3 */
function requireScope(scope: Scope | undefined): void {
  const fault = faultOfScope(scope);
  if (fault !== undefined) throw new AuthorizationError(fault, 'invalid_scope');
}

function requireMode<C, U>(core: Core<C, U>, areq: AuthorizationRequest, options: TransactionMiddlewareOptions): void {
  if (!responseModeFor(core, areq, options)) {
    const error = new AuthorizationError(`Unsupported response mode: ${areq.responseMode}`, 'invalid_request');
    const values = { came: areq.responseMode, modes: [...core.responseModes.keys()] };
    throw reasoned(error, 'There is no such response mode, or it would put a token into a query', values);
  }
}
