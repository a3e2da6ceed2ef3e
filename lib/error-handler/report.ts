/** Tells the operator of an error, once, whatever it is answered with. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { tellError } from '../errors/tell.js';
import { perRequest } from '../http/per-request.js';
import { tellRefusal } from '../refusal/refusal.js';
import { endpointAt } from './endpoint-at.js';
import { explain, namedIn } from './explain.js';

/** What is asked of a server about its refusals. */
export type Telling<C, U> = Pick<Core<C, U>, 'refusals' | 'routes' | 'locations' | 'issuer'>;

/** What was thrown, and was told already: an error handler around another one may get it again. */
const told = perRequest<unknown>('told');

/**
 * Gives an error its reason, and tells the refusal that it is.
 *
 * @param status the status that it is answered with; undefined where it is sent to the client by redirect
 */
export function tellOnce<C, U>(
  ctx: Context,
  thrown: unknown,
  error: OAuth2Error,
  core: Telling<C, U>,
  status: number | undefined,
): void {
  const named = namedIn(ctx);
  explain(named, error);
  if (told.of(ctx) === thrown) return;
  told.set(ctx, thrown);
  tellRefusal(ctx, { error, rules: core.refusals, named, endpoint: endpointAt(ctx, core), status });
}

/** The same, and Koa's `error` event. Wrong credentials need not fill the log: of 401, the event has the error without what was caught. */
export function report<C, U>(
  ctx: Context,
  cause: Error,
  error: OAuth2Error,
  core: Telling<C, U>,
  status: number | undefined,
): void {
  tellOnce(ctx, cause, error, core, status);
  tellError(ctx.app, error.status === 401 ? error : cause, ctx);
}
