import type { Context } from 'koa';
import { asked, toAuthorizationRequest } from '../http/authorization-request.js';
import { readForm, readQuery } from '../http/params.js';
import type { Grant, GrantModuleOf } from '../plugs.js';
import { standard } from '../registry/shape.js';
import { answerBy } from '../state.js';

/**
 * Gives a grant the two functions of oauth2orize's modules, for applications that wrap or replace them. Unchanged, they do what the
 * toolkit does anyway, and the registry leaves them out.
 */
export function asModule<C, U>(grant: Grant<C, U>): GrantModuleOf<C, U> {
  const module: GrantModuleOf<C, U> = Object.assign(grant, {
    request: standard(async (ctx: Context) => {
      const form = ctx.method === 'POST' ? readForm(ctx) : readQuery(ctx);
      const areq = asked.of(ctx) ?? toAuthorizationRequest((await form).params, grant.options?.scopeSeparator);
      return Object.assign({}, areq); // what was read is not the caller's to write to
    }),
    response: standard((ctx: Context) => answerBy(ctx, module)),
  });
  return module;
}
