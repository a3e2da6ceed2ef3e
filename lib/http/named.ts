import type { DefaultState, Middleware } from 'koa';

/**
 * Gives a middleware its name, by which stack traces and `koauthorize doctor` know it. The name of the function itself is not enough: a bundler that puts
 * all of lib/ into one file gives new names to functions that have the same one, such as `token`.
 */
export function named<S = DefaultState>(name: string, middleware: Middleware<S>): Middleware<S> {
  return Object.defineProperty(middleware, 'name', { value: name });
}
