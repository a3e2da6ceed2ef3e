import type { Context } from 'koa';

/** What one part of the toolkit leaves with a request for another: where nobody else finds it, and gone with the request. */
export interface PerRequest<T> {
  of(ctx: Context): T | undefined;
  set(ctx: Context, value: T): void;
}

/** @param what said of it in a debugger */
export function perRequest<T>(what: string): PerRequest<T> {
  const key = Symbol(`koauthorize:${what}`);
  return {
    of: (ctx) => (ctx as { [key]?: T })[key],
    set(ctx, value) {
      (ctx as { [key]?: T })[key] = value;
    },
  };
}
