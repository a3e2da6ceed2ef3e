import type { DefaultState, Middleware } from 'koa';

/**
 * Gives a middleware its name, which stack traces and `koauthorize doctor` show. The name of the function itself is not enough: a bundler that puts
 * all of lib/ into one file renames functions that have the same name, such as `token`.
 */
export function named<S = DefaultState>(name: string, middleware: Middleware<S>): Middleware<S> {
  return Object.defineProperty(middleware, 'name', { value: name });
}
