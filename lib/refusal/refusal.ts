import type { Context } from 'koa';
import { debugAbout } from '../errors/debug.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { visible } from '../errors/one-line.js';
import { Reason } from '../errors/reason.js';
import { tell } from '../errors/tell.js';
import { endpointOf } from '../http/endpoint-of.js';
import { setHeader } from '../http/headers.js';
import { perRequest } from '../http/per-request.js';
import type { RefusalRule } from '../refusal-rule.js';
import { ruleOf } from './rule.js';
import { traceIDOf } from './trace-id.js';

const debug = debugAbout('error');

/** The client and the parameters that a refused request names. None of them is verified, and none is secret. */
export interface Named {
  readonly clientID?: string | undefined;
  readonly grantType?: string | undefined;
  readonly responseType?: string | undefined;
  /** `redirect_uri` as it was sent. */
  readonly redirectURI?: string | undefined;
}

/**
 * A request that was refused, or that failed, for the operator: one object for logs, audit, metrics and error pages. It has no secret, code,
 * token, verifier or assertion in it.
 *
 * @example app.on('refusal', (refusal: Refusal) => log.info({ event: 'refusal', ...refusal }));
 */
export interface Refusal extends Named {
  /** The same as `traceIDOf(ctx)`. */
  readonly traceID: string;
  /** The endpoint, by its name in `createServer({ endpoints })`; `api` for an API; undefined if the request reached none. */
  readonly endpoint: string | undefined;
  /** The HTTP status; undefined if the error was sent to the client by redirect, or is sent with its next poll. */
  readonly status: number | undefined;
  /** The error code that the client got; empty for a request to an API without a token. @see RFC 6750 §3.1 */
  readonly error: string;
  /** The `error_description` that the client got. */
  readonly description: string | undefined;
  /** The name of the rule by which it was refused. */
  readonly rule: string;
  /** The specification and section that has the rule, such as `RFC 7636 §4.6`. */
  readonly section: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Why the request was refused, with the values that mattered. Not for the client. */
  readonly reason: string | undefined;
  /** Whether the protocol expects this answer in ordinary operation, as `authorization_pending` for a poll. The event `refusal` is then not emitted. */
  readonly isOrdinary: boolean;
}

/** What a refusal is made of, besides its request. */
export interface Refused {
  readonly error: Pick<OAuth2Error, 'code' | 'message' | 'expose' | 'cause'>;
  readonly rules: readonly RefusalRule[];
  readonly named: Named;
  readonly endpoint?: string | undefined;
  readonly status?: number | undefined;
}

const REFUSALS = perRequest<Refusal>('refusal');

/** Values from a request may be long: more characters than this are cut off. */
const MAX_LENGTH = 300;

/** A value of a request, shortened and made safe to log: see `visible`. */
export const shown = (value: string | undefined): string | undefined => value && visible(value.slice(0, MAX_LENGTH));

/**
 * The refusal of a request; the last one, if there are several. For an error page behind `errorHandler({ mode: 'indirect' })`, and for middleware around it.
 *
 * @returns undefined for a request that was not refused
 * @example ctx.body = views.error(refusalOf(ctx)?.traceID)
 */
export function refusalOf(ctx: Context): Refusal | undefined {
  return REFUSALS.of(ctx);
}

/**
 * Reports a refusal to the operator: as the event `refusal` of the application, and with `DEBUG=koauthorize:error`. There is no event for an answer that the
 * protocol expects: see `RefusalRule.isOrdinary`.
 */
export function tellRefusal(ctx: Context, { error, rules, named, endpoint, status }: Refused): Refusal {
  const { rule, section, remedy, isOrdinary = false } = ruleOf(error, rules);
  const refusal: Refusal = {
    traceID: traceIDOf(ctx),
    endpoint: endpointOf.of(ctx) ?? endpoint,
    status,
    error: error.code,
    description: error.expose && error.message !== '' ? shown(error.message) : undefined,
    rule,
    section,
    remedy,
    reason: error.cause instanceof Reason ? error.cause.message : undefined,
    isOrdinary,
    clientID: shown(named.clientID),
    grantType: shown(named.grantType),
    responseType: shown(named.responseType),
    redirectURI: shown(named.redirectURI),
  };
  REFUSALS.set(ctx, refusal);
  setHeader(ctx, 'x-trace-id', refusal.traceID);
  const [code, to] = [error.code || 'no token', status ?? 'to the client'];
  debug('%s %s %s [%s: %s, %s]', code, to, refusal.reason ?? '', refusal.traceID, rule, section);
  if (!isOrdinary) tell(ctx.app, 'refusal', refusal, ctx);
  return refusal;
}
