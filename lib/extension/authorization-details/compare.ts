/** Whether one element of `authorization_details` is part of another. @see RFC 9396 §6.1 */
import { isDeepStrictEqual } from 'node:util';
import { type AuthorizationDetail, LISTS } from './detail.js';

function isPart(whole: unknown, part: unknown): boolean {
  if (isDeepStrictEqual(whole, part)) return true;
  if (!Array.isArray(whole) || !Array.isArray(part)) return false;
  const items = new Set(whole);
  return part.length > 0 && part.every((item) => items.has(item)); // an empty list means "none" to some types and "all" to others
}

/**
 * The comparison for types without a `covers` function. Both elements must have the same fields. In the lists of RFC 9396 §2.2 the requested element may have
 * fewer values, since an element stands for all combinations of its values; all other fields must be equal. A field that only one of them has is a difference:
 * to some types a missing field means "none", to others "all".
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
 * Whether an element may be used at one of the APIs that a token is for: at the identifier of the API, or at a path below it. An element without `locations`
 * may be used anywhere.
 *
 * @param audience the APIs; undefined if no extension has set an audience
 * @see RFC 9396 §9.1, §12
 */
export function isFor({ locations }: AuthorizationDetail, audience: readonly string[] | undefined): boolean {
  if (locations === undefined || audience === undefined) return true;
  const isAt = (location: string): boolean =>
    audience.some((api) => location === api || location.startsWith(api.endsWith('/') ? api : `${api}/`));
  return locations.some(isAt);
}
