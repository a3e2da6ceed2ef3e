import { redirect } from '../http/redirect.js';
import type { ResponseMode } from '../plugs.js';
import type { ResponseParams } from '../types.js';
import { encode } from './encode.js';

/** The pairs of the redirect URI's own query, unchanged, without those whose names the response uses. */
function retained(query: string, params: ResponseParams): string[] {
  if (query === '') return [];
  return query.split('&').filter((pair) => {
    const [name] = new URLSearchParams(pair).keys();
    return name !== undefined && !Object.hasOwn(params, name);
  });
}

/** Adds the parameters to the query of the redirect URI. @see RFC 6749 §3.1.2, §4.1.2 */
export const query: ResponseMode = {
  name: 'query',
  isInQuery: true,
  send(ctx, { redirectURI }, params) {
    const mark = redirectURI.indexOf('?');
    const base = mark < 0 ? redirectURI : redirectURI.slice(0, mark);
    const own = mark < 0 ? '' : redirectURI.slice(mark + 1);
    redirect(ctx, `${base}?${[...retained(own, params), encode(params)].join('&')}`);
  },
};
