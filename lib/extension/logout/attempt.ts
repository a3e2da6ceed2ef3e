/** Errors while a session ends. */
import type { Context } from 'koa';
import { tellError } from '../../errors/tell.js';
import { toError } from '../../errors/to-oauth2-error.js';
import type { Awaitable } from '../../types.js';

/** Runs work whose failure is reported to the operator, and does not stop the logout of the user here. */
export async function attempt<T>(ctx: Context, work: () => Awaitable<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    tellError(ctx.app, toError(error), ctx);
    return undefined;
  }
}
