/** What is measured with so many live tokens, and how they come to be there. */
import { AT_ONCE, inParallel, type Measured } from './cost.js';
import type { OperationName } from './protocol.js';
import type { RecordedStore } from './recorded.js';
import { connect, issueToRobot, type Pair, refresh, type Tokens, verify } from './subject.js';

/** How many puts are under way while a store is filled. */
const FILLING = 200;

/** Pairs that are remembered, from first to last: more than any processor's cache holds the records of. */
const REMEMBERED = 5000;

/** Brings in so many tokens, in pairs, each of another user. @returns some of them */
export async function fill(tokens: Tokens, live: number): Promise<Pair[]> {
  const pairs = Math.ceil(live / 2);
  const step = Math.max(1, Math.floor(pairs / REMEMBERED));
  const remembered: Pair[] = [];
  await inParallel(pairs, FILLING, async (i) => {
    const pair = await connect(tokens, `user ${i}`);
    if (i % step === 0) remembered.push(pair);
  });
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
