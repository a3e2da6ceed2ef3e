/** Reports each error to the operator once, whether the client gets JSON, a page or a redirect. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { tellError } from '../errors/tell.js';
import { perRequest } from '../http/per-request.js';
import { refusalOf, tellRefusal } from '../refusal/refusal.js';
import { endpointAt } from './endpoint-at.js';
import { explain, namedIn } from './explain.js';

/** The part of the core that reports of refusals need. */
export type Telling<C, U> = Pick<Core<C, U>, 'refusals' | 'routes' | 'locations' | 'issuer'>;

/** The thrown value that was reported last: an outer error handler may get the same value again. */
const told = perRequest<unknown>('told');

/**
 * Gives an error its reason, and emits the event `refusal` for it.
 *
 * @param status the status of the response; undefined if the error is sent to the client by redirect
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

/**
 * The same, and emits Koa's `error` event, unless the protocol expects the answer (`RefusalRule.isOrdinary`). For a 401 that event gets the OAuth2Error in place
 * of the thrown value, so that wrong credentials do not fill the log.
 */
export function report<C, U>(
  ctx: Context,
  cause: Error,
  error: OAuth2Error,
  core: Telling<C, U>,
  status: number | undefined,
): void {
  tellOnce(ctx, cause, error, core, status);
  if (refusalOf(ctx)?.isOrdinary) return;
  tellError(ctx.app, error.status === 401 ? error : cause, ctx);
}
