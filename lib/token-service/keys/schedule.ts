/** When a key is made, signs, and is published. All processes compute the same results from the same keys. Pure functions only. */

/** The times of a rotation, in seconds. */
export interface Times {
  /** For how long a key signs. */
  readonly every: number;
  /** For how long a key is published before it signs. */
  readonly publishedFirst: number;
  /** The longest lifetime of a token. */
  readonly longestToken: number;
}

/** A key and its times, in epoch seconds. */
export interface Dated {
  readonly kid: string;
  readonly createdAt: number;
  /** When it ceases to be published. */
  readonly until: number;
}

/**
 * For how long a key continues to sign if no newer key has been published for long enough: twice `publishedFirst`. If no process has made a new key by then, no
 * process was running, and no cached copy of the key set is still in use.
 */
const grace = ({ publishedFirst }: Times): number => 2 * publishedFirst;

/** Until when a new key is published: until the last token that it can have signed has expired. In epoch seconds. */
export function publishedUntil(createdAt: number, times: Times): number {
  return createdAt + times.publishedFirst + times.every + grace(times) + times.longestToken;
}

/** Whether all cached copies of the key set have the key. */
export function isKnown({ createdAt }: Dated, now: number, { publishedFirst }: Times): boolean {
  return createdAt + publishedFirst <= now;
}

/** Whether every token that the key signs now expires while the key is published. */
function canSign({ until }: Dated, now: number, { longestToken }: Times): boolean {
  return now + longestToken <= until;
}

/** Compares keys: the oldest first, in the same order in all processes. */
export function byAge(one: Dated, other: Dated): number {
  return one.createdAt - other.createdAt || (one.kid < other.kid ? -1 : 1);
}

/**
 * The key that signs: the newest one that all cached copies of the key set have; if there is none, as at the very first start, the oldest one.
 *
 * @param keys the keys of one algorithm
 * @returns undefined if no key can sign
 */
export function choose<K extends Dated>(keys: readonly K[], now: number, times: Times): K | undefined {
  const able = keys.filter((key) => canSign(key, now, times)).sort(byAge);
  return able.findLast((key) => isKnown(key, now, times)) ?? able[0];
}

/** Whether another key is due, so that it is known everywhere when the last one ceases to sign. @param keys the keys of one algorithm */
export function needsAnother(keys: readonly Dated[], now: number, times: Times): boolean {
  const { publishedFirst, longestToken } = times;
  return !keys.some(({ until }) => now + publishedFirst < until - longestToken - grace(times));
}

/**
 * The key that must be published for longer, so that it can sign until the next one is known everywhere. This happens if `longestToken` was raised after the
 * key was made: its tokens would expire after it has ceased to be published.
 *
 * @param keys the keys of one algorithm
 */
export function tooShort<K extends Dated>(keys: readonly K[], now: number, times: Times): K | undefined {
  const { publishedFirst, every } = times;
  const key = [...keys].sort(byAge).findLast((one) => isKnown(one, now, times));
  if (!key || canSign(key, now + publishedFirst, times)) return undefined;
  return now < key.createdAt + publishedFirst + every + grace(times) ? key : undefined;
}

/** Until when such a key is published, in epoch seconds. */
export function prolongedUntil(now: number, times: Times): number {
  return now + grace(times) + times.longestToken;
}

/** The newest key, from which the ID of the next one is derived. @param keys the keys of one algorithm */
export function newest<K extends Dated>(keys: readonly K[]): K | undefined {
  return [...keys].sort(byAge).at(-1);
}

/**
 * Sorts the keys by algorithm, and the newest first. Of two records with the same key, the one that is published for longer counts.
 *
 * @param algorithms in order of preference
 */
export function inOrder<K extends Dated & { readonly alg: string }>(
  keys: readonly K[],
  algorithms: readonly string[],
): readonly K[] {
  const place = (alg: string): number => algorithms.indexOf(alg);
  const latest = new Map([...keys].sort((one, other) => one.until - other.until).map((key) => [key.kid, key]));
  return [...latest.values()].sort((one, other) => place(one.alg) - place(other.alg) || byAge(other, one));
}
