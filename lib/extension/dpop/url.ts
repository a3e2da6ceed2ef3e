/** RFC 9449 §4.3 item 9: which URL a proof is for, and which URL a request went to. */
import type { Context } from 'koa';
import { pathOf } from '../../http/target.js';
import { recentlyUsed } from '../../oldest-first.js';
import { isSecureURL } from '../../syntax/url.js';

/** RFC 3986 §2.3 */
const UNRESERVED = /[\w.~-]/;

/** RFC 3986 §6.2.2: an escaped character that needs no escape stands for itself, and the others are written in capitals. */
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

/** The last URLs are kept: a proof mostly names the URL of its request letter by letter, and parsing takes longer than looking up. */
const recent = recentlyUsed(100, (text) => ({ url: normalized(text) }));

/**
 * A URL as it is compared: without query and fragment, scheme and host in small letters, without the default port, dot segments and needless
 * escapes. Undefined for what is no http(s) URL, or has credentials.
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

/** Gives the URLs of a request from the bases to which its path is appended; undefined where none is said. @throws TypeError */
export function urlsBelow(
  baseURL: string | readonly string[] | undefined,
): ((ctx: Context) => readonly string[]) | undefined {
  if (baseURL === undefined) return undefined;
  const bases = [baseURL].flat().map(requireBaseURL);
  if (bases.length === 0) throw new TypeError('baseURL is an https URL, or a list of them, and not an empty list');
  return (ctx) => bases.map((base) => `${base}${pathOf(ctx)}`);
}
