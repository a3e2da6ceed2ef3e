import type { Context } from 'koa';

/**
 * A value that one part of the toolkit stores with a request for another part. It stands behind a Symbol, so that application code does not
 * meet it. It is not in a WeakMap: entries of a WeakMap are freed only by a full garbage collection, long after the request.
 */
export interface PerRequest<T> {
  of(ctx: Context): T | undefined;
  set(ctx: Context, value: T): void;
}

/** The values of a request. A property of the context for each would give it another hidden class each time: 2 % of the CPU time of a request. */
const VALUES = Symbol('koauthorize');

interface Values {
  /** The context that may change them. */
  readonly owner: object;
  readonly map: Map<object, unknown>;
}

interface WithValues {
  [VALUES]?: Values;
}

/** The Map to which a value may be added. A context that was derived from another one, or copied, begins with a copy of its values, and does not change those of the other. */
function valuesOf(ctx: WithValues): Map<object, unknown> {
  const earlier = ctx[VALUES];
  if (earlier?.owner === ctx) return earlier.map;
  const map = new Map(earlier?.map);
  ctx[VALUES] = { owner: ctx, map };
  return map;
}

/**
 * Stores a value with each request. Only code that has the returned object can set and read it.
 *
 * @param what a description for the debugger
 * @example
 * const tenant = perRequest<string>('tenant');
 * tenant.set(ctx, ctx.hostname);
 * ctx.body = tenant.of(ctx);
 */
export function perRequest<T>(what: string): PerRequest<T> {
  const key = { what };
  return {
    of: (ctx) => (ctx as WithValues)[VALUES]?.map.get(key) as T | undefined,
    set: (ctx, value) => void valuesOf(ctx as WithValues).set(key, value),
  };
}
