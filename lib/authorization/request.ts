/** Reads the authorization request. @see RFC 6749 §4.1.1 */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import { asked, toAuthorizationRequest } from '../http/authorization-request.js';
import { permitRepeated } from '../http/form.js';
import { readForm, readQuery, refuse } from '../http/params.js';
import type { GrantOptions } from '../plugs.js';
import { layersFor } from '../registry/layers.js';
import type { JudgedRequest } from '../steps.js';
import { toParams } from '../syntax/param-map.js';
import { AUTHORIZATION, malformed, sift } from '../syntax/parameters.js';
import { responseTypeKey } from '../syntax/response-type.js';
import type { AuthorizationRequest, Params } from '../types.js';
import { contextWith } from './by-hand.js';
import type { TransactionMiddlewareOptions } from './options.js';

/** A request as it was read, before the client and its redirect URI are known. Errors are judged afterwards. */
export interface RawRequest {
  /** The names of parameters that were sent more than once, or not as a string. */
  readonly refused: ReadonlySet<string>;
  /** The parameters without malformed ones, which no callback ever sees. */
  readonly params: Params;
  readonly malformed: readonly string[];
  readonly areq: AuthorizationRequest;
  /** The error that a parser written by hand threw. */
  readonly fault?: unknown;
  /** Whether it was judged at the endpoint where it came in. */
  readonly isJudged?: boolean;
}

export interface RequestOptions extends TransactionMiddlewareOptions, Pick<GrantOptions, 'scopeSeparator'> {}

const NONE: ReadonlySet<string> = new Set();

/** The request with what parsers written by hand read, which replaces what the toolkit has read. */
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

/** What an extension gives in place of the parameters. @throws Error if two extensions give something */
async function resolve<C, U>(
  core: Core<C, U>,
  ctx: Context,
  params: Params,
): Promise<Params | JudgedRequest | undefined> {
  let found: { readonly by: string; readonly instead: Params | JudgedRequest } | undefined;
  for (const { name, authorization } of core.extensions) {
    const asked = authorization?.resolve?.(params, ctx);
    const instead = asked && (await asked);
    if (instead && found) throw new Error(`${found.by} and ${name} both say what the request stands for`);
    if (instead) found = { by: name, instead };
  }
  return found?.instead;
}

/**
 * RFC 9101 §5, OpenID Connect Core §6.1: a `client_id` that was sent beside a resolved request must be the one in the request. Otherwise the request of
 * one client could be shown to the user as that of another.
 *
 * @throws AuthorizationError
 */
function requireSameClient({ params, refused }: Sent, clientID: string | undefined): void {
  if (refused.has('client_id')) throw refuse('client_id');
  const beside = params.get('client_id') ?? clientID;
  if (beside === clientID) return;
  throw reasoned(
    new AuthorizationError('The request is of another client', 'invalid_request'),
    'client_id is not that of the request that an extension has resolved',
    { came: beside, resolved: clientID },
  );
}

/** Parameters as they were sent. */
interface Sent {
  readonly params: Params;
  readonly refused: ReadonlySet<string>;
  /** Whether they were sent to another endpoint than the authorization endpoint. */
  readonly isElsewhere?: boolean;
}

/** Reads a request from its parameters. An extension may replace the parameters. */
export async function readParams<C, U>(
  core: Core<C, U>,
  ctx: Context,
  sent: Sent,
  options: RequestOptions,
): Promise<RawRequest> {
  const first = sift(sent.params, AUTHORIZATION);
  const instead = await resolve(core, ctx, first.params);
  if (instead) requireSameClient(sent, 'judged' in instead ? instead.judged.clientID : instead.get('client_id'));
  if (instead && 'judged' in instead)
    return { refused: NONE, params: first.params, malformed: [], areq: instead.judged, isJudged: true };
  // RFC 9101 §6.3, RFC 9126 §4: parameters beside a request that was resolved are ignored
  const { params, malformed } = instead ? sift(toParams(instead), AUTHORIZATION) : first;
  const refused = instead ? NONE : sent.refused;
  const type = params.get('response_type') ?? '';
  const separator = options.scopeSeparator ?? core.grants.get(responseTypeKey(type))?.options?.scopeSeparator;
  const areq = toAuthorizationRequest(params, separator);
  asked.set(ctx, areq);
  const raw = { refused, params, malformed, areq };
  if (core.requestParsers.length === 0) return raw;
  const isSent = !instead && !sent.isElsewhere;
  try {
    return { ...raw, areq: await readByHand(core, isSent ? ctx : contextWith(ctx, params), areq) };
  } catch (fault) {
    return { ...raw, fault };
  }
}

/** RFC 6749 §3.1: GET, and POST as well. Parameters are read from the query or from the body, never from both. */
export async function readRequest<C, U>(core: Core<C, U>, ctx: Context, options: RequestOptions): Promise<RawRequest> {
  const form = ctx.method === 'POST' ? await readForm(ctx) : readQuery(ctx);
  return readParams(core, ctx, permitRepeated(form, core.parameters), options);
}

/** Requires what is needed to find the client and its redirect URI. @throws AuthorizationError */
export function requireClient({ refused, malformed: names, areq, fault }: RawRequest): void {
  for (const name of ['client_id', 'redirect_uri']) if (refused.has(name)) throw refuse(name);
  if (names.includes('client_id')) {
    const error = new AuthorizationError('Unauthorized client', 'unauthorized_client');
    throw reasoned(error, 'client_id has characters, or a length, that no client identifier can have'); // RFC 6749 appendix A.1
  }
  if (names.includes('redirect_uri')) throw malformed('redirect_uri', AUTHORIZATION);
  if (areq.clientID) return;
  if (fault) throw fault;
  throw new AuthorizationError('Missing required parameter: client_id', 'invalid_request');
}
