/** The telemetry of one request. */

import type { Context } from 'koa';
import { namedIn } from '../../error-handler/explain.js';
import { endpointOf } from '../../http/endpoint-of.js';
import { type Refusal, refusalOf } from '../../refusal/refusal.js';
import type { Attributes, Counter, Histogram, Span } from './module.js';
import { ATTRIBUTES as A } from './names.js';

/** `SpanStatusCode.ERROR`: the package's own enumeration is not imported. */
const ERROR = 2;

/** The methods of RFC 9110, and PATCH. OpenTelemetry HTTP: any other method is recorded as `_OTHER`, so that strangers cannot create any number of values. */
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
]);

const OTHER = '_OTHER';

export interface Instruments {
  readonly duration: Histogram;
  readonly refusals: Counter;
  /** Grant types that were answered with tokens before. */
  readonly grantTypes: Set<string>;
}

/** The outcome of a request. */
export interface Ended {
  readonly status: number;
  /** Seconds. */
  readonly took: number;
  /** Whether an error was thrown past this middleware. */
  readonly isThrown: boolean;
}

function noteRefusal(span: Span, { traceID, rule, section, remedy }: Refusal): void {
  const told = { [A.traceID.name]: traceID, [A.rule.name]: rule, [A.section.name]: section, [A.remedy.name]: remedy };
  span.setAttributes({ [A.traceID.name]: traceID, [A.rule.name]: rule });
  span.addEvent('oauth.refusal', told);
}

/** The grant type for a metric: only types that were answered with tokens before, since a stranger can send any text. */
function bounded(grantType: string, isAnswered: boolean, { grantTypes }: Instruments): string {
  if (isAnswered) grantTypes.add(grantType);
  return grantTypes.has(grantType) ? grantType : OTHER;
}

/** The error code that the client got. OpenTelemetry: `error.type` is absent if there was no error. */
function errorTypeOf(refusal: Refusal | undefined, { isThrown, status }: Ended): string | undefined {
  if (refusal) return refusal.error || undefined;
  return isThrown || status >= 500 ? String(status) : undefined;
}

/** Records an answered request. Its URL, headers and body are not recorded, and neither are messages and stacks of errors. */
export function tellRequest(ctx: Context, span: Span, instruments: Instruments, ended: Ended): void {
  const { status, took, isThrown } = ended;
  const refusal = refusalOf(ctx);
  const endpoint = endpointOf.of(ctx) ?? refusal?.endpoint;
  const { clientID = ctx.state['token']?.clientID, grantType, responseType } = refusal ?? namedIn(ctx);
  const method = METHODS.has(ctx.method) ? ctx.method : OTHER;
  const shared: Attributes = {
    [A.method.name]: method,
    [A.status.name]: status,
    [A.endpoint.name]: endpoint,
    [A.errorType.name]: errorTypeOf(refusal, ended),
  };
  span.updateName(endpoint === undefined ? method : `oauth ${endpoint}`);
  span.setAttributes({
    ...shared,
    [A.clientID.name]: clientID,
    [A.grantType.name]: grantType,
    [A.responseType.name]: responseType,
  });
  if (status >= 500) span.setStatus({ code: ERROR }); // OpenTelemetry HTTP: for a server, a 4xx is not an error of the span
  if (refusal) {
    noteRefusal(span, refusal);
  }
  if (refusal && !refusal.isOrdinary) {
    instruments.refusals.add(1, {
      [A.endpoint.name]: endpoint,
      [A.rule.name]: refusal.rule,
      [A.errorType.name]: refusal.error || undefined,
    });
  }
  const isAnswered = endpoint === 'token' && status < 400 && !isThrown;
  const grant = grantType === undefined ? undefined : bounded(grantType, isAnswered, instruments);
  instruments.duration.record(took, { ...shared, [A.grantType.name]: grant });
}
