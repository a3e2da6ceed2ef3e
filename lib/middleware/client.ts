import type { Context } from 'koa';
import type { Core } from '../core.js';
import { TokenError } from '../errors/token-error.js';
import { basicUserIDs } from '../http/basic.js';
import { authenticatedClient } from '../state.js';
import type { Params } from '../types.js';

/** Whether passport took `ctx.state.user` from the session: a person who is logged in, not a client who authenticated. */
function isFromSession(ctx: Context): boolean {
  return ctx.state['authInfo'] === undefined && ctx['session']?.passport?.user !== undefined;
}

/** Where oauth2orize's applications have the identifier of their clients. */
const NAMES = ['id', 'clientId', 'clientID'];

/** Clients of another shape, of an application that did not say `createServer({ clientID })`. */
function isNamed(client: unknown, inBody: string | undefined, basic: readonly string[]): boolean {
  return NAMES.some((name) => {
    const id = Reflect.get(Object(client), name) ?? '';
    return `${id}` !== '' && (inBody ?? `${id}`) === `${id}` && (!basic.length || basic.includes(`${id}`));
  });
}

/** A logged-in user has an `id` too, but no client's secret to send. */
function hasSecret(params: Params, basic: readonly string[]): boolean {
  return basic.length > 0 || params.has('client_secret');
}

/** Whether the request says that it comes from this client, and from no other. */
function isClaimed<C>(core: Core<C>, ctx: Context, params: Params, client: C): boolean {
  const id = core.clientID(client);
  const basic = basicUserIDs(ctx.get('Authorization'));
  const inBody = params.get('client_id');
  if (!basic.length && inBody === undefined)
    return ctx.state['authInfo'] !== undefined || params.has('client_assertion');
  if (id === undefined)
    return ctx.state['authInfo'] !== undefined || (hasSecret(params, basic) && isNamed(client, inBody, basic));
  return (inBody ?? id) === id && (!basic.length || basic.includes(id));
}

/**
 * The client of a token request: the one that our client authentication found, or, as in oauth2orize, what passport left where
 * users are. A logged-in end user is never taken for a client.
 *
 * @throws TokenError `invalid_client`. @see RFC 6749 §3.2.1, §5.2
 */
export function clientOf<C, U>(core: Core<C, U>, ctx: Context, params: Params, userProperty: string): C {
  const authenticated = authenticatedClient<C>(ctx);
  if (authenticated) return authenticated;
  const client: C | undefined = ctx.state[userProperty];
  if (client && !isFromSession(ctx) && isClaimed(core as Core<C>, ctx, params, client)) return client;
  throw new TokenError('Client authentication failed', 'invalid_client');
}
