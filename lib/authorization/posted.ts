/** Authorization requests that a page of another site posts. @see OpenID Connect Core §3.1.2.1 */
import type { Context } from 'koa';
import type { Core, KnownParameters } from '../core.js';
import type { Form } from '../http/form.js';
import { readForm, refuse } from '../http/params.js';
import { sendPostingPage } from '../http/posting-page.js';
import { isFromAnotherOrigin, isTooLong, repeatByGet } from '../http/repeat-by-get.js';

/** The form as a query. Repeated parameters stay repeated, so that they are refused as in any other request. @throws OAuth2Error */
function toQuery({ params, repeated }: Form, known: KnownParameters): URLSearchParams {
  const query = new URLSearchParams([...params]);
  for (const [name, values] of repeated)
    for (const value of values) {
      if (typeof value === 'string') query.append(name, value);
      else if (known.has(name)) throw refuse(name); // an object that a body parser has made
    }
  return query;
}

/** RFC 6749 §3.1: the query of the endpoint is retained. Parameters of requests are read from the form alone, so those in the query are left out. */
function retainOwn(fields: URLSearchParams, own: string, known: KnownParameters): URLSearchParams {
  const query = new URLSearchParams(fields);
  const names = new Set(fields.keys());
  for (const [name, value] of new URLSearchParams(own))
    if (!known.has(name) && !names.has(name)) query.append(name, value);
  return query;
}

/**
 * Whether the browser shows the response as a page, and says `same-origin` of a form on that page. In a frame or for a script, the browser takes no cookie with
 * `SameSite=Lax` from the response, so that nobody is logged out. Without `Sec-Fetch-Site`, a server behind a proxy may not recognize its own page, which would
 * then be posted without end.
 */
function showsPages({ req: { headers } }: Context): boolean {
  return headers['sec-fetch-site'] !== undefined && headers['sec-fetch-dest'] === 'document';
}

/**
 * Has the browser repeat a request that a page of another origin has posted, before anything is stored: otherwise the session cookie, which is `SameSite=Lax`,
 * is missing. The user would seem to be logged out, and the session that begins with the response would replace theirs, so that any site could log users out.
 * The browser repeats it by GET, or if it is too long for a URL, by a page of the server that posts it again.
 *
 * @returns whether the browser was told to; if not, the request is answered as it came
 */
export async function repeatIfFromElsewhere<C, U>(core: Core<C, U>, ctx: Context): Promise<boolean> {
  if (!isFromAnotherOrigin(ctx, core.issuer)) return false;
  const fields = toQuery(await readForm(ctx), core.parameters);
  const query = retainOwn(fields, ctx.querystring, core.parameters);
  if (!isTooLong(query)) repeatByGet(ctx, query);
  else if (showsPages(ctx)) sendPostingPage(ctx, { action: '', fields, ancestors: "'none'" });
  else return false;
  return true;
}
