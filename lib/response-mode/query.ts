import type { ResponseMode } from '../plugs.js';
import type { ResponseParams } from '../types.js';
import { encode } from './encode.js';
import { redirect } from './redirect.js';

/** The query of a registered URI stays as it is, but for names that the response uses. */
function retained(query: string, params: ResponseParams): string[] {
  if (query === '') return [];
  return query.split('&').filter((pair) => {
    const [name] = new URLSearchParams(pair).keys();
    return name !== undefined && !Object.hasOwn(params, name);
  });
}

/** Parameters in the query of the redirect URI, beside those it has already. @see RFC 6749 §3.1.2, §4.1.2 */
export const query: ResponseMode = {
  name: 'query',
  send(ctx, { redirectURI }, params) {
    const mark = redirectURI.indexOf('?');
    const base = mark < 0 ? redirectURI : redirectURI.slice(0, mark);
    const own = mark < 0 ? '' : redirectURI.slice(mark + 1);
    redirect(ctx, `${base}?${[...retained(own, params), encode(params)].join('&')}`);
  },
};
