/** OpenTelemetry: spans, metrics and log correlation, with names of the semantic conventions where there are any. */
import type { Middleware } from 'koa';
import { named } from '../../http/named.js';
import { requireKnown } from '../../options.js';
import { listen } from './events.js';
import { METRICS } from './names.js';
import { OPENTELEMETRY_OPTIONS, type OpenTelemetryOptions } from './options.js';
import { type Instruments, tellRequest } from './request.js';

/** `SpanKind.INTERNAL` and `SpanKind.SERVER`: the package's own enumeration is not imported. */
const [INTERNAL, SERVER] = [0, 1];

/** Seconds, as OpenTelemetry advises for `http.server.request.duration`. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const SCOPE = 'koauthorize';

/** The fields that connect a log line with a span. @see OpenTelemetry, Trace Context in non-OTLP Log Formats */
export interface LogFields {
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly trace_flags?: string;
}

/** The middleware. Mount it before the error handler. */
export interface Telemetry extends Middleware {
  /** The fields for a log line: those of the active span, or none. */
  logFields(): LogFields;
}

/** The status with which Koa answers an error that is thrown past this middleware. */
function statusOf(error: unknown): number {
  const status: unknown = Reflect.get(Object(error), 'status');
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/**
 * A middleware that makes a span and metrics for every request that passes it. It reads no headers: the parent of its span is the active span, which
 * OpenTelemetry's instrumentation of HTTP may have made from `traceparent`. No URL, header, body, message or stack is recorded.
 *
 * @throws TypeError without the module, and for an unknown option
 * @example
 * import * as api from '@opentelemetry/api';
 * const telemetry = openTelemetry({ api, tokens });
 * app.use(telemetry).use(server.errorHandler());
 * app.on('refusal', (refusal) => log.info({ ...refusal, ...telemetry.logFields() }));
 * @see OpenTelemetry Semantic Conventions for HTTP
 */
export function openTelemetry(options: OpenTelemetryOptions): Telemetry {
  requireKnown<OpenTelemetryOptions>(options, OPENTELEMETRY_OPTIONS, 'openTelemetry');
  const { api, tokens } = options;
  if (typeof api?.trace?.getTracer !== 'function')
    throw new TypeError("openTelemetry({ api }) is the module: import * as api from '@opentelemetry/api'");
  const { trace, metrics, context } = api;
  const tracer = trace.getTracer(SCOPE);
  const meter = metrics.getMeter(SCOPE);
  const { duration, refusals, events } = METRICS;
  const advice = { explicitBucketBoundaries: BUCKETS };
  const instruments: Instruments = {
    duration: meter.createHistogram(duration.name, { unit: duration.unit, description: duration.meaning, advice }),
    refusals: meter.createCounter(refusals.name, { unit: refusals.unit, description: refusals.meaning }),
    grantTypes: new Set(),
  };
  if (tokens)
    listen(api, tokens.events, meter.createCounter(events.name, { unit: events.unit, description: events.meaning }));
  const telemetry: Middleware = named('telemetry', async (ctx, next) => {
    const kind = trace.getActiveSpan() ? INTERNAL : SERVER;
    const span = tracer.startSpan('oauth', { kind });
    const begun = performance.now();
    const end = (status: number, isThrown: boolean): void => {
      tellRequest(ctx, span, instruments, { status, took: (performance.now() - begun) / 1000, isThrown });
      span.end();
    };
    try {
      await context.with(trace.setSpan(context.active(), span), next);
    } catch (error) {
      end(statusOf(error), true);
      throw error;
    }
    end(ctx.status, false);
  });
  return Object.assign(telemetry, { logFields: () => logFields(api) });
}

function logFields({ trace }: OpenTelemetryOptions['api']): LogFields {
  const found = trace.getActiveSpan()?.spanContext();
  if (!found) return {};
  const flags = found.traceFlags.toString(16).padStart(2, '0');
  return { trace_id: found.traceId, span_id: found.spanId, trace_flags: flags };
}
