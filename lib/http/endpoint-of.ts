import type { Context } from 'koa';
import { warnOnce } from '../errors/warning.js';
import { perRequest } from './per-request.js';

/** The endpoint that a request has reached, by its name in `createServer({ endpoints })`, such as `token`. For a request to an API it is `api`. */
export const endpointOf = perRequest<string>('endpoint');

/** Whether a request has passed through `server.errorHandler()`. */
export const hasErrorHandler = perRequest<true>('error handler');

/**
 * Notes which endpoint a request has reached. Warns the operator if no error handler runs before the endpoint: Koa would then answer an error as text, and RFC
 * 6749 §5.2 requires JSON.
 */
export function reach(ctx: Context, endpoint: string): void {
  endpointOf.set(ctx, endpoint);
  if (hasErrorHandler.of(ctx)) return;
  warnOnce(
    'KOAUTHORIZE_NO_ERROR_HANDLER',
    `No server.errorHandler() stands before ${endpoint}: clients and users get errors as text, and nobody is told of refusals. Write app.use(server.errorHandler()) before the routes.`,
  );
}
