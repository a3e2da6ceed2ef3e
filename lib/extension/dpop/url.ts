/** RFC 9449 §4.3 item 9: normalizes the URL of a proof and that of its request, to compare them. */
import type { Context } from 'koa';
import { pathOf } from '../../http/target.js';
import { recentlyUsed } from '../../oldest-first.js';
import { isSecureURL } from '../../syntax/url.js';

/** RFC 3986 §2.3 */
const UNRESERVED = /[\w.~-]/;

/** RFC 3986 §6.2.2: unescapes a character that needs no escape, and writes other escapes in capitals. */
function unescaped(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return UNRESERVED.test(character) ? character : triplet.toUpperCase();
}

function normalized(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, username, password } = new URL(text.replace(/[?#].*$/s, ''));
  if (username || password) return undefined;
  return `${origin}${pathname.replace(/%[\da-f]{2}/gi, unescaped)}`;
}

/** The most recently normalized URLs: parsing a URL takes longer than a look-up, and clients use few URLs. */
const recent = recentlyUsed(100, (text) => ({ url: normalized(text) }));

/**
 * A URL in the form that is compared: without query and fragment, scheme and host in small letters, without the default port, dot segments and needless
 * escapes. Undefined for a text that is no http(s) URL, and for a URL with credentials.
 *
 * @see RFC 9449 §4.3 item 9, RFC 3986 §6.2.2, §6.2.3
 */
export function comparable(text: string): string | undefined {
  return recent(text).url;
}

function requireBaseURL(baseURL: string): string {
  if (isSecureURL(baseURL) && !baseURL.includes('?')) return baseURL.replace(/\/$/, '');
  throw new TypeError(
    `baseURL is an https URL (http on this machine only), such as https://api.example, not ${JSON.stringify(baseURL)}`,
  );
}

/** Returns a function that appends the path of a request to each base URL; undefined without a base URL. @throws TypeError */
export function urlsBelow(
  baseURL: string | readonly string[] | undefined,
): ((ctx: Context) => readonly string[]) | undefined {
  if (baseURL === undefined) return undefined;
  const bases = [baseURL].flat().map(requireBaseURL);
  if (bases.length === 0) throw new TypeError('baseURL is an https URL, or a list of them, and not an empty list');
  return (ctx) => bases.map((base) => `${base}${pathOf(ctx)}`);
}
