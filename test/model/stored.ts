/** What a store has of an authorization, held against a world. */
import type { StoredRecord } from 'koauthorize/tokens';
import { type Moment, presence, type World } from './family.js';

interface Usable {
  readonly expiresAt: number;
  readonly removed?: boolean;
  readonly spentAt?: number;
}

/** What counts and was not used: how many there must be, and how many there may be. */
function count(world: World, records: readonly Usable[], moment: Moment): readonly [least: number, most: number] {
  const found = records.filter(({ spentAt }) => spentAt === undefined).map((each) => presence(world, each, moment));
  const least = found.filter((each) => !each.includes(false)).length;
  return [least, found.filter((each) => each.includes(true)).length];
}

export function agrees(world: World, stored: readonly StoredRecord[], moment: Moment): boolean {
  const { code, access, refresh } = world;
  const rows = [
    ['code', [code]],
    ['access_token', access],
    ['refresh_token', refresh],
  ] as const;
  return rows.every(([kind, records]) => {
    const [least, most] = count(world, records, moment);
    const { length } = stored.filter((each) => each.kind === kind);
    return least <= length && length <= most && (kind !== 'refresh_token' || length <= 1);
  });
}
