/** When a key is made, signs, and is published. All processes come to the same answers, from the same keys. No input and output. */

/** In seconds. */
export interface Times {
  /** For how long a key signs. */
  readonly every: number;
  /** For how long a key is published before it signs. */
  readonly publishedFirst: number;
  /** For how long the longest token lives. */
  readonly longestToken: number;
}

/** What is known of a key. In epoch seconds. */
export interface Dated {
  readonly kid: string;
  readonly createdAt: number;
  /** From then on it is not published any more. */
  readonly until: number;
}

/**
 * For how long a key goes on signing where there is no newer one that has been published for long enough: twice the time for which a key is
 * published first. If no process has made a new key by then, none was running, and nobody has a copy of the key set that is still good.
 */
const grace = ({ publishedFirst }: Times): number => 2 * publishedFirst;

/** Until when a new key is published: until the last token that it can have signed has ended. */
export function publishedUntil(createdAt: number, times: Times): number {
  return createdAt + times.publishedFirst + times.every + grace(times) + times.longestToken;
}

/** Whether the copies of the key set that are still in use have the key. */
export function isKnown({ createdAt }: Dated, now: number, { publishedFirst }: Times): boolean {
  return createdAt + publishedFirst <= now;
}

/** Whether all that the key signs now ends while it is published. */
function canSign({ until }: Dated, now: number, { longestToken }: Times): boolean {
  return now + longestToken <= until;
}

/** The oldest first, in the same order everywhere. */
export function byAge(one: Dated, other: Dated): number {
  return one.createdAt - other.createdAt || (one.kid < other.kid ? -1 : 1);
}

/**
 * The key that signs: the newest that everybody knows. Where nobody can know any, as at the very first start, the oldest.
 *
 * @param keys of one algorithm
 * @returns undefined where nothing can sign
 */
export function choose<K extends Dated>(keys: readonly K[], now: number, times: Times): K | undefined {
  const able = keys.filter((key) => canSign(key, now, times)).sort(byAge);
  return able.findLast((key) => isKnown(key, now, times)) ?? able[0];
}

/** Whether it is time to make another key, so that it is known when the last one ends. @param keys of one algorithm */
export function needsAnother(keys: readonly Dated[], now: number, times: Times): boolean {
  const { publishedFirst, longestToken } = times;
  return !keys.some(({ until }) => now + publishedFirst < until - longestToken - grace(times));
}

/**
 * The key that everybody knows and that has to be published for longer, so that it can sign until everybody knows the next one: where tokens live longer than
 * when it was made, they would end after it.
 *
 * @param keys of one algorithm
 */
export function tooShort<K extends Dated>(keys: readonly K[], now: number, times: Times): K | undefined {
  const { publishedFirst, every } = times;
  const key = [...keys].sort(byAge).findLast((one) => isKnown(one, now, times));
  if (!key || canSign(key, now + publishedFirst, times)) return undefined;
  return now < key.createdAt + publishedFirst + every + grace(times) ? key : undefined;
}

/** Until when such a key is published. */
export function prolongedUntil(now: number, times: Times): number {
  return now + grace(times) + times.longestToken;
}

/** The newest key, which the next one follows. @param keys of one algorithm */
export function newest<K extends Dated>(keys: readonly K[]): K | undefined {
  return [...keys].sort(byAge).at(-1);
}

/** Each key once, as long as it is published: by algorithm, and the newest first. @param algorithms in their order */
export function inOrder<K extends Dated & { readonly alg: string }>(
  keys: readonly K[],
  algorithms: readonly string[],
): readonly K[] {
  const place = (alg: string): number => algorithms.indexOf(alg);
  const latest = new Map([...keys].sort((one, other) => one.until - other.until).map((key) => [key.kid, key]));
  return [...latest.values()].sort((one, other) => place(one.alg) - place(other.alg) || byAge(other, one));
}
