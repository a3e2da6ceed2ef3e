/** Finds for each requested element a granted one that includes it. A granted element cannot stand twice for the same permission. @see RFC 9396 §6.1, §7 */
import { isDeepStrictEqual } from 'node:util';
import { type AuthorizationDetail, type AuthorizationDetails, LISTS } from './detail.js';

function haveCommon(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return true; // a missing list may mean "all"
  const items = new Set(one);
  return one.length === 0 || other.length === 0 || other.some((item) => items.has(item));
}

/**
 * Whether two elements permit the same thing, so that both together permit it twice, such as two payments. An element stands for all combinations of the values
 * in its lists. Two elements permit different things if one of these lists has no common value, or if another field differs.
 */
function overlap(one: AuthorizationDetail, other: AuthorizationDetail): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) =>
    LISTS.includes(name) ? haveCommon(one[name], other[name]) : isDeepStrictEqual(one[name], other[name]),
  );
}

/** An element, and the parts of it that were found so far. No two parts overlap. */
interface Whole {
  readonly detail: AuthorizationDetail;
  readonly parts: AuthorizationDetail[];
}

/**
 * Finds for each element a whole that includes it. One whole may include several elements, if they do not overlap.
 *
 * @param includes whether an element is a part of another one
 * @returns the index of the first element without a whole. Equal elements are paired first, and the others in order: a pairing that only another order would
 * find is not found
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
