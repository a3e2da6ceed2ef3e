/** Finds a whole for each part: a granted element for each requested one, say. One whole does not count twice for the same. @see RFC 9396 §6.1, §7 */
import { isDeepStrictEqual } from 'node:util';
import { type AuthorizationDetail, type AuthorizationDetails, LISTS } from './detail.js';

function haveCommon(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return true; // a list that is left out may mean all
  const items = new Set(one);
  return one.length === 0 || other.length === 0 || other.some((item) => items.has(item));
}

/**
 * Whether two elements permit the same, so that both together permit it twice: two payments, say. An element stands for all combinations of the values of
 * its lists, so they permit different things where one of the lists has no common value, or where another field differs.
 */
function overlap(one: AuthorizationDetail, other: AuthorizationDetail): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) =>
    LISTS.includes(name) ? haveCommon(one[name], other[name]) : isDeepStrictEqual(one[name], other[name]),
  );
}

/** An element, and the parts of it that have been found: no two of them overlap. */
interface Whole {
  readonly detail: AuthorizationDetail;
  readonly parts: AuthorizationDetail[];
}

/**
 * Finds for each element one that it is a part of. Several may be parts of one, if they do not overlap.
 *
 * @param includes whether an element is a part of another one
 * @returns the index of the first that finds none. The equal ones are found first; what then needs another order to be found is refused
 */
export async function firstWithoutWhole(
  details: AuthorizationDetails,
  parts: AuthorizationDetails,
  includes: (whole: AuthorizationDetail, part: AuthorizationDetail) => Promise<boolean>,
): Promise<number | undefined> {
  const wholes: readonly Whole[] = details.map((detail) => ({ detail, parts: [] }));
  const isPlaced = async (part: AuthorizationDetail, among: readonly Whole[]): Promise<boolean> => {
    for (const { detail, parts: placed } of among) {
      if (placed.some((one) => overlap(one, part)) || !(await includes(detail, part))) continue;
      placed.push(part);
      return true;
    }
    return false;
  };
  const others: (readonly [index: number, part: AuthorizationDetail])[] = [];
  for (const [index, part] of parts.entries()) {
    const equal = wholes.filter(({ detail }) => isDeepStrictEqual(detail, part));
    if (!(await isPlaced(part, equal))) others.push([index, part]);
  }
  for (const [index, part] of others) if (!(await isPlaced(part, wholes))) return index;
  return undefined;
}
