/** Reads the authorization request. @see RFC 6749 §4.1.1 */
import type { Context } from 'koa';
import { requireRegisteredScope, requireResponseType } from '../clients/permitted.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { asked, toAuthorizationRequest } from '../http/authorization-request.js';
import { type Form, readForm, readQuery, refuse } from '../http/params.js';
import type { GrantOptions } from '../plugs.js';
import { add } from '../registry/add.js';
import { heeded } from '../registry/heeded-scope.js';
import { isRegistered, layersFor } from '../registry/layers.js';
import { AUTHORIZATION, malformed, sift } from '../syntax/parameters.js';
import { responseTypeKey } from '../syntax/response-type.js';
import { faultOfScope, scopeOf } from '../syntax/scope.js';
import type { AuthorizationRequest, Params, Scope, Transaction } from '../types.js';
import { modeOf, type TransactionMiddlewareOptions } from './options.js';

/** A request as far as it can be read before anyone is trusted; what is wrong with it is judged later. */
export interface RawRequest {
  readonly form: Form;
  /** Without those that are malformed, which no callback ever sees. */
  readonly params: Params;
  readonly malformed: readonly string[];
  readonly areq: AuthorizationRequest;
  /** What a parser by hand threw. */
  readonly fault?: unknown;
}

export interface RequestOptions extends TransactionMiddlewareOptions, Pick<GrantOptions, 'scopeSeparator'> {}

/** What parsers by hand read replaces what was read here. */
async function readByHand<C, U>(
  core: Core<C, U>,
  ctx: Context,
  areq: AuthorizationRequest,
): Promise<AuthorizationRequest> {
  const parsed: { scope?: unknown } = {};
  for (const parse of layersFor(core.requestParsers, areq.type)) Object.assign(parsed, await parse(ctx));
  if (parsed.scope === '') parsed.scope = undefined; // RFC 6749 §3.1: a parameter without a value is omitted
  return Object.assign({}, areq, parsed);
}

/** RFC 6749 §3.1: GET, and POST as well; never half from the one and half from the other. */
export async function readRequest<C, U>(core: Core<C, U>, ctx: Context, options: RequestOptions): Promise<RawRequest> {
  const form = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  let { params, malformed } = sift(form.params, AUTHORIZATION);
  for (const { authorization } of core.extensions) {
    if (authorization?.resolve) {
      const resolved = sift(await authorization.resolve(params, ctx), AUTHORIZATION);
      params = resolved.params;
      malformed = [...malformed, ...resolved.malformed];
    }
  }
  const type = params.get('response_type') ?? '';
  const separator = options.scopeSeparator ?? core.grants.get(responseTypeKey(type))?.options?.scopeSeparator;
  const areq = toAuthorizationRequest(params, separator);
  asked.set(ctx, areq);
  const raw = { form, params, malformed, areq };
  if (core.requestParsers.length === 0) return raw;
  try {
    return { ...raw, areq: await readByHand(core, ctx, areq) };
  } catch (fault) {
    return { ...raw, fault };
  }
}

/** What must be right for the client and its redirect URI to be found at all. @throws AuthorizationError */
export function requireClient({ form, malformed: names, areq, fault }: RawRequest): void {
  for (const name of ['client_id', 'redirect_uri']) if (form.refused.has(name)) throw refuse(name);
  if (names.includes('client_id')) {
    const error = new AuthorizationError('Unauthorized client', 'unauthorized_client');
    throw reasoned(error, 'client_id has characters, or a length, that no client identifier can have'); // RFC 6749 appendix A.1
  }
  if (names.includes('redirect_uri')) throw malformed('redirect_uri', AUTHORIZATION);
  if (areq.clientID) return;
  if (fault) throw fault;
  throw new AuthorizationError('Missing required parameter: client_id', 'invalid_request');
}

/**
 * Judges the rest of the request, now that the answer can reach the client, and lets the extensions read their parts.
 *
 * @throws AuthorizationError to be redirected. @see RFC 6749 §4.1.2.1
 */
export async function judgeRequest<C, U>(
  core: Core<C, U>,
  txn: Transaction<C, U>,
  { form, params, malformed: names, areq, fault }: RawRequest,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  for (const name of form.refused) throw refuse(name);
  for (const name of names) throw malformed(name, AUTHORIZATION);
  if (fault) throw fault;
  if (!areq.type) throw new AuthorizationError('Missing required parameter: response_type', 'invalid_request');
  if (!isRegistered(core, areq.type)) {
    const error = new AuthorizationError(`Unsupported response type: ${areq.type}`, 'unsupported_response_type');
    throw reasoned(error, 'Nothing answers this response type', { answered: [...core.grants.keys()] });
  }
  requireMode(core, areq, options);
  requireResponseType(core, txn.client, areq.type);
  requireScope(scopeOf(areq));
  txn.req = withHeeded(core, txn.req);
  for (const { name, authorization } of core.extensions) {
    if (authorization?.parse) txn.req = add(txn.req, await authorization.parse(params, txn.client, txn.req), name);
  }
  requireRegisteredScope(txn.client, scopeOf(txn.req)); // with what extensions add, such as a default
}

/** The request as if the words that are ignored had not been sent: where none is left, it has no scope. */
function withHeeded<C, U>(core: Core<C, U>, req: AuthorizationRequest): AuthorizationRequest {
  const asked = scopeOf(req) ?? [];
  const scope = heeded(core, asked);
  return scope.length === asked.length ? req : { ...req, scope: scope.length > 0 ? scope : undefined };
}

/** @throws AuthorizationError for a scope of no words, or of words that cannot be. @see RFC 6749 §3.3 */
function requireScope(scope: Scope | undefined): void {
  const fault = faultOfScope(scope);
  if (fault !== undefined) throw new AuthorizationError(fault, 'invalid_scope');
}

function requireMode<C, U>(core: Core<C, U>, areq: AuthorizationRequest, options: TransactionMiddlewareOptions): void {
  if (!modeOf(core, areq, options)) {
    const error = new AuthorizationError(`Unsupported response mode: ${areq.responseMode}`, 'invalid_request');
    const values = { came: areq.responseMode, modes: [...core.responseModes.keys()] };
    throw reasoned(error, 'There is no such response mode, or it would put a token into a query', values);
  }
}
