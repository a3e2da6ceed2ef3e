/** Finds the client that a request names. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { pathOf } from '../http/target.js';
import { authenticationFailed } from './failure.js';

/** Whether a request is for an endpoint that receives authorization requests. Only the end of the path is compared: a proxy may have removed its beginning. */
function isAuthorizationRequest<C>({ routes, locations }: Core<C, never>, ctx: Context): boolean {
  for (const [name, { takesRequests, path }] of routes)
    if (takesRequests === true && pathOf(ctx).endsWith(pathIn(locations.of(name, path)))) return true;
  return false;
}

/** The path of a location, which is a path or a URL. */
function pathIn(location: string): string {
  return location.replace(/^https?:\/\/[^/]*/, '') || '/';
}

/** @throws TokenError `invalid_client` if an extension refuses the client by an AuthorizationError: here a program gets the answer, not a user */
export async function findIn<C>(core: Core<C, never>, clientID: string, ctx: Context): Promise<C | undefined> {
  try {
    return await core.findClient(clientID, isAuthorizationRequest(core, ctx) ? 'may-be-new' : 'must-be-known');
  } catch (error) {
    if (error instanceof AuthorizationError) throw authenticationFailed(error);
    throw error;
  }
}
