import type { Middleware } from 'koa';
import { type ErrorHandlerOptions, errorHandlerFor } from '../error-handler/error-handler.js';
import { Registry } from '../registry/registry.js';
import type { ServerOptions } from '../server-options.js';
import type { Client, IdentifiedBy } from '../types.js';
import { Server } from './server.js';

/**
 * Makes an authorization server. If the application's clients have another shape than `{ client_id, redirect_uris }`, the options `clientID` and
 * `redirectURIs` read them.
 *
 * @example const server = createServer<App, User>()
 */
export function createServer<C = Client, U = unknown>(
  ...[options]: C extends { readonly client_id: string }
    ? [options?: ServerOptions<C, U>]
    : [options: ServerOptions<C, U> & IdentifiedBy<C>]
): Server<C, U> {
  return new Server<C, U>(options);
}

/** `server.errorHandler` for code that has no server object. @example app.use(errorHandler({ mode: 'direct' })) */
export function errorHandler(options: ErrorHandlerOptions = {}): Middleware {
  return errorHandlerFor(new Registry(), options);
}
