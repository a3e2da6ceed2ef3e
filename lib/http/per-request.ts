import type { Context } from 'koa';

/**
 * A value that one part of the toolkit stores with a request for another part. It is stored under a Symbol, so that it cannot collide with properties of
 * the application. It is not in a WeakMap: entries of a WeakMap are freed only by a full garbage collection, long after the request.
 */
export interface PerRequest<T> {
  of(ctx: Context): T | undefined;
  set(ctx: Context, value: T): void;
}

/**
 * The property with all values of a request. One property per value would change the hidden class of the context each time: 2 % of the CPU time of a request.
 */
const VALUES = Symbol('koauthorize');

interface Values {
  /** The context that may change them. */
  readonly owner: object;
  readonly map: Map<object, unknown>;
}

interface WithValues {
  [VALUES]?: Values;
}

/**
 * The Map to which a value may be added. A context that was derived or copied from another one gets a copy of its Map, so that it does not change the other's
 * values.
 */
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
