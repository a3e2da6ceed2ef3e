import type { Context } from 'koa';
import type { Params } from '../types.js';

/**
 * The context for a request parser written by hand, if the parameters are not those of the request's URL or form: an extension has replaced them (as with
 * a request object), or the request came in at an endpoint of an extension. Its `query` and `body` have the parameters that count.
 */
export function contextWith(ctx: Context, params: Params): Context {
  const names = [...params.keys()];
  const fields = Object.fromEntries(names.map((name) => [name, several(params.all(name))]));
  const pairs = names.flatMap((name) => params.all(name).map((value): [string, string] => [name, value]));
  const text = new URLSearchParams(pairs).toString();
  const url = { query: { value: fields }, querystring: { value: text }, search: { value: text && `?${text}` } };
  const request = Object.create(ctx.request, { ...url, body: { value: fields } });
  return Object.create(ctx, { ...url, request: { value: request } });
}

function several(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0];
}
