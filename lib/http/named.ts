import type { DefaultState, Middleware } from 'koa';

/**
 * Gives a middleware its name, by which stack traces and `koauthorize doctor` know it. Said, since a bundler renames functions: where all of lib/ is in
 * one file, it holds many things called `token`.
 */
export function named<S = DefaultState>(name: string, middleware: Middleware<S>): Middleware<S> {
  return Object.defineProperty(middleware, 'name', { value: name });
}
