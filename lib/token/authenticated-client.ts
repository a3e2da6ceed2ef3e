import type { Context } from 'koa';
import { perRequest } from '../http/per-request.js';

/** A client that has authenticated, and its method, if that is known. */
export interface Authenticated<C> {
  readonly client: C;
  readonly method?: string | undefined;
}

/** What is remembered of it. */
interface Remembered<C> extends Authenticated<C> {
  /** The `clientRegistry` of the server that found the client. Undefined if the application's own code found it. */
  readonly registry: object | undefined;
}

/** Not in `ctx.state`: a login writes users there, and a user must not count as a client. */
const known = perRequest<Remembered<unknown>>('authenticated client');

/** The client identifier that a request claims before the client has authenticated, for the operator. Without `client_id`, the assertion names the client. */
export const claimedClientID = perRequest<string>('claimed client identifier');

/**
 * Tells the toolkit that this client has authenticated in this request. Every endpoint at which clients authenticate trusts this call. Call it in a client
 * authentication of your own, once the client has proved who it is; `clientAuthentication()` and passport need no such call. Afterwards
 * the client is also in `ctx.state.oauth2.client`, for your own middleware.
 *
 * @param client the client, which the callbacks are given
 * @param method a value of `token_endpoint_auth_method`; `none` for a public client, which has proved nothing
 * @throws TypeError without a client, or with a promise of one
 * @example
 * router.post('/token', async (ctx, next) => {
 *   const client = await clients.findByAddress(ctx.ip);
 *   if (client) setAuthenticatedClient(ctx, client);
 *   return next();
 * }, server.token());
 * @see RFC 6749 §2.3, §3.2.1
 */
export function setAuthenticatedClient<C>(ctx: Context, client: C, method?: string): void {
  const isPromise = typeof client === 'object' && client !== null && 'then' in client;
  if (!client || isPromise) throw new TypeError('setAuthenticatedClient needs the client that has authenticated');
  rememberClient(ctx, client, method, undefined);
}

/** Stores the client that has authenticated. @param registry the `clientRegistry` of the server that found it */
export function rememberClient<C>(
  ctx: Context,
  client: C,
  method: string | undefined,
  registry: object | undefined,
): void {
  known.set(ctx, { client, method, registry });
  const authenticated: Authenticated<C> = { client, method };
  ctx.state['oauth2'] = authenticated;
}

/** The client that authenticated in this request, if one did. @example const who = authenticatedClient<App>(ctx)?.client.name; */
export function authenticatedClient<C>(ctx: Context): Remembered<C> | undefined {
  return known.of(ctx) as Remembered<C> | undefined;
}
