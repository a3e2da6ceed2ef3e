import type { Context } from 'koa';
import type { Params } from '../types.js';

/**
 * The context that a parser by hand is given where an extension has said what the request stands for: `query` and `body` have those parameters, and
 * not what was sent.
 */
export function contextWith(ctx: Context, params: Params): Context {
  const fields = Object.fromEntries([...params.keys()].map((name) => [name, several(params.all(name))]));
  const request = Object.create(ctx.request, { query: { value: fields }, body: { value: fields } });
  return Object.create(ctx, { query: { value: fields }, request: { value: request } });
}

function several(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0];
}
