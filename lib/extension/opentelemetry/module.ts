/**
 * The types of `@opentelemetry/api` that are used here. They are declared here, so that the declarations of this package do not import an optional package. No
 * code.
 */

export type Attributes = Record<string, string | number | undefined>;

export interface Span {
  spanContext(): { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
  setAttribute(name: string, value: string): unknown;
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes: Attributes): unknown;
  updateName(name: string): unknown;
  setStatus(status: { readonly code: number }): unknown;
  end(): void;
}

export interface Counter {
  add(value: number, attributes: Attributes): void;
}

export interface Histogram {
  record(value: number, attributes: Attributes): void;
}

interface Measured {
  readonly unit: string;
  readonly description: string;
  readonly advice?: { readonly explicitBucketBoundaries: number[] };
}

/** The part of `@opentelemetry/api` that is used. The module itself fits this type. */
export interface OpenTelemetryAPI {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options: { readonly kind: number }): Span };
    getActiveSpan(): Span | undefined;
    setSpan(context: unknown, span: Span): unknown;
  };
  readonly metrics: {
    getMeter(name: string): {
      createHistogram(name: string, options: Measured): Histogram;
      createCounter(name: string, options: Measured): Counter;
    };
  };
  readonly context: { active(): unknown; with(context: unknown, work: () => Promise<unknown>): unknown };
}
