import type { Context } from 'koa';
import { asked, toAuthorizationRequest } from '../http/authorization-request.js';
import { readForm, readQuery } from '../http/params.js';
import type { Grant, GrantModuleOf } from '../plugs.js';
import { standard } from '../registry/shape.js';
import { answerBy } from '../state.js';

/**
 * Gives a grant the functions `request` and `response` of oauth2orize's modules, so that an application can wrap or replace them. If they
 * are not replaced, the registry ignores them: they do the same as the toolkit.
 */
export function asModule<C, U>(grant: Grant<C, U>): GrantModuleOf<C, U> {
  const module: GrantModuleOf<C, U> = Object.assign(grant, {
    request: standard(async (ctx: Context) => {
      const form = ctx.method === 'POST' ? readForm(ctx) : readQuery(ctx);
      const areq = asked.of(ctx) ?? toAuthorizationRequest((await form).params, grant.options?.scopeSeparator);
      return Object.assign({}, areq); // a copy: the caller may write to it
    }),
    response: standard((ctx: Context) => answerBy(ctx, module)),
  });
  return module;
}
