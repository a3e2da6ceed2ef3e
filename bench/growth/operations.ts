/** What is measured with so many live tokens, and how they come to be there. */
import { another, bulk, sampleLogin } from './bulk.js';
import { AT_ONCE, type Measured } from './cost.js';
import type { OperationName } from './protocol.js';
import type { RecordedStore } from './recorded.js';
import type { OpenStore } from './stores.js';
import { connect, issueToRobot, type Pair, refresh, type Tokens, verify } from './subject.js';

/** In so many parts tokens come in, each with some of those that are remembered. */
const PARTS = 20;

/** Pairs that are remembered, from first to last: more than any processor's cache holds the records of. */
const REMEMBERED = 5000;

/** Brings in so many tokens, in pairs, each of another user. @returns some of them, which the token service issued; the others are like them */
export async function fill(opened: OpenStore, tokens: Tokens, live: number): Promise<Pair[]> {
  const pairs = Math.ceil(live / 2);
  const issued = Math.min(REMEMBERED, pairs);
  const sample = await sampleLogin();
  const remembered: Pair[] = [];
  for (let part = 0; part < PARTS; part++) {
    const share = (of: number): number => Math.floor((of * (part + 1)) / PARTS) - Math.floor((of * part) / PARTS);
    await bulk(opened, share(pairs - issued), (i) => another(sample, `user ${part} ${i}`), Date.now() / 1000);
    const users = Array.from({ length: share(issued) }, (_, i) => `issued ${part} ${i}`);
    remembered.push(...(await Promise.all(users.map((user) => connect(tokens, user)))));
  }
  return remembered;
}

function drawn<T>(from: readonly T[]): T {
  const one = from[Math.floor(Math.random() * from.length)];
  if (one === undefined) throw new Error('There is none');
  return one;
}

/** So many of them, each made by itself. */
async function batchOf<T>(make: () => Promise<T> | T, run: (subject: T) => Promise<void>) {
  const subjects = await Promise.all(Array.from({ length: AT_ONCE }, make));
  return subjects.map((subject) => () => run(subject));
}

const newUser = (): string => `new ${Math.random()}`;

/** Each operation finds as much as the one before: what a batch brought in is taken back after it. */
export function operationsOn(
  tokens: Tokens,
  { takeBack: clear }: RecordedStore,
  pairs: readonly Pair[],
): Readonly<Record<OperationName, Measured>> {
  const newPair = (): Promise<Pair> => connect(tokens, newUser());
  return {
    'client credentials': { prepare: () => batchOf(newUser, () => issueToRobot(tokens)), clear },
    'code, then tokens': { prepare: () => batchOf(newUser, async (user) => void (await connect(tokens, user))), clear },
    verify: {
      prepare: () =>
        batchOf(
          () => drawn(pairs),
          (pair) => verify(tokens, pair),
        ),
    },
    refresh: { prepare: () => batchOf(newPair, async (pair) => void (await refresh(tokens, pair))), clear },
  };
}
