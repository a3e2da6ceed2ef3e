/** Authorization requests that a page of another site posts. @see OpenID Connect Core §3.1.2.1 */
import type { Context } from 'koa';
import type { Core, KnownParameters } from '../core.js';
import type { Form } from '../http/form.js';
import { readForm, refuse } from '../http/params.js';
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
function retainOwn(query: URLSearchParams, own: string, known: KnownParameters): void {
  const isSent = new Set(query.keys());
  for (const [name, value] of new URLSearchParams(own))
    if (!known.has(name) && !isSent.has(name)) query.append(name, value);
}

/**
 * Redirects a request that a page of another origin has posted to the same URL by GET, before anything is stored: otherwise the session cookie, which is
 * `SameSite=Lax`, is missing. The user would seem to be logged out, and the session that begins with the response would replace theirs, so that any site could
 * log users out.
 *
 * @returns whether it did. A request that is too long for a URL is answered as it came
 */
export async function repeatIfFromElsewhere<C, U>(core: Core<C, U>, ctx: Context): Promise<boolean> {
  if (!isFromAnotherOrigin(ctx, core.issuer)) return false;
  const query = toQuery(await readForm(ctx), core.parameters);
  retainOwn(query, ctx.querystring, core.parameters);
  if (isTooLong(query)) return false;
  repeatByGet(ctx, query);
  return true;
}
