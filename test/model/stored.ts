/** What a store has of an authorization, held against a world. */
import type { StoredRecord } from 'koauthorize/tokens';
import { type Family, type Moment, presence, recordOfFamily, type World } from './family.js';

interface Known {
  readonly kind: string;
  readonly expiresAt: number;
  readonly isSpent: boolean;
  /** Whether it is there: sometimes both may be. */
  readonly there: readonly boolean[];
}

function recordsOf(world: World, family: Family, moment: Moment): readonly Known[] {
  const known =
    (kind: string) =>
    (record: NonNullable<Parameters<typeof presence>[1]>): Known => {
      const { expiresAt, spentAt } = record;
      return { kind, expiresAt, isSpent: spentAt !== undefined, there: presence(world, record, moment) };
    };
  const ofFamily = recordOfFamily(world, family);
  return [
    known('code')(world.code),
    ...world.access.map(known('access_token')),
    ...world.refresh.map(known('refresh_token')),
    ...(ofFamily ? [known('authorization')(ofFamily)] : []),
  ];
}

const nameOf = ({ kind, expiresAt }: Pick<Known, 'kind' | 'expiresAt'>): string => `${kind} ${expiresAt}`;

function count(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Of `list`: one record that was not spent, and lives as long as any of them. */
export function agreesWithList(world: World, family: Family, listed: readonly StoredRecord[], moment: Moment): boolean {
  const unspent = recordsOf(world, family, moment).filter(({ kind, isSpent }) => kind !== 'authorization' && !isSpent);
  const sure = unspent.filter(({ there }) => !there.includes(false)).map(({ expiresAt }) => expiresAt);
  const [record, ...more] = listed;
  if (!record || more.length > 0) return listed.length === 0 && sure.length === 0;
  const possible = unspent.filter(({ there }) => there.includes(true)).map(nameOf);
  return (
    record.consumedAt === undefined && possible.includes(nameOf(record)) && record.expiresAt >= Math.max(0, ...sure)
  );
}

/** All that is live, spent or not: no more and no less than there must be, and never two refresh tokens that count. */
export function agreesWithAll(world: World, family: Family, stored: readonly StoredRecord[], moment: Moment): boolean {
  const records = recordsOf(world, family, moment);
  const least = count(records.filter(({ there }) => !there.includes(false)).map(nameOf));
  const most = count(records.filter(({ there }) => there.includes(true)).map(nameOf));
  const found = count(stored.map(nameOf));
  const isEnough = [...least].every(([name, n]) => (found.get(name) ?? 0) >= n);
  const isNoMore = [...found].every(([name, n]) => n <= (most.get(name) ?? 0));
  const counting = stored.filter(({ kind, consumedAt }) => kind === 'refresh_token' && consumedAt === undefined);
  return isEnough && isNoMore && counting.length <= 1;
}
