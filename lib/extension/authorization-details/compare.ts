/** Whether one element of `authorization_details` is part of another. @see RFC 9396 §6.1 */
import { isDeepStrictEqual } from 'node:util';
import { type AuthorizationDetail, LISTS } from './detail.js';

function isPart(whole: unknown, part: unknown): boolean {
  if (isDeepStrictEqual(whole, part)) return true;
  if (!Array.isArray(whole) || !Array.isArray(part)) return false;
  const items = new Set(whole);
  return part.length > 0 && part.every((item) => items.has(item)); // an empty list may mean none, or all: only its type knows
}

/**
 * The comparison of types that have none of their own. Both have the same fields. Of the lists of RFC 9396 §2.2 the asked one may have some of the
 * values, since an element stands for all their combinations; all other fields are equal. A field that is left out is a difference: to
 * some types it means "none", to others "all".
 */
export function isPartOf(granted: AuthorizationDetail, asked: AuthorizationDetail): boolean {
  const names = Object.keys(asked);
  if (names.length !== Object.keys(granted).length) return false;
  return names.every((name) => {
    const [whole, part] = [granted[name], asked[name]];
    return LISTS.includes(name) ? isPart(whole, part) : isDeepStrictEqual(whole, part);
  });
}

/**
 * Whether an element may be used at one of the APIs that a token is for: at their identifier, or at a path below it. One that names no locations
 * may be used anywhere.
 *
 * @param audience the APIs; undefined if nobody has said which
 * @see RFC 9396 §9.1, §12
 */
export function isFor({ locations }: AuthorizationDetail, audience: readonly string[] | undefined): boolean {
  if (locations === undefined || audience === undefined) return true;
  const isAt = (location: string): boolean =>
    audience.some((api) => location === api || location.startsWith(api.endsWith('/') ? api : `${api}/`));
  return locations.some(isAt);
}
