import type { Context } from 'koa';

/**
 * A value that one part of the toolkit stores with a request for another part. Its key is a Symbol, so that application code does not
 * meet it. It is not in a WeakMap: entries of a WeakMap are freed only by a full garbage collection, long after the request.
 */
export interface PerRequest<T> {
  of(ctx: Context): T | undefined;
  set(ctx: Context, value: T): void;
}

/**
 * Makes a place for a value in each request, which whoever has what this gives can set and read.
 *
 * @param what a description for the debugger
 * @example
 * const tenant = perRequest<string>('tenant');
 * tenant.set(ctx, ctx.hostname);
 * ctx.body = tenant.of(ctx);
 */
export function perRequest<T>(what: string): PerRequest<T> {
  const key = Symbol(`koauthorize:${what}`);
  return {
    of: (ctx) => (ctx as { [key]?: T })[key],
    set(ctx, value) {
      (ctx as { [key]?: T })[key] = value;
    },
  };
}
