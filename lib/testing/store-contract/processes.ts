import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Consumed, StoredRecord } from '../../token-service/store.js';
import { onlyOne } from './consuming.js';
import { authorization, type Check, RACERS, type Subject } from './subject.js';
import type { Calls } from './worker.js';

/** How the contract starts further processes that use the same store. */
export interface StoreProcesses {
  /** A module that calls `storeWorker`. */
  readonly module: string | URL;
  /** Node's command-line options for the process, as for `fork`. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const WORKERS = 3;

const ROUNDS = 20;

async function ask(worker: ChildProcess, calls: Calls): Promise<unknown> {
  const answered = new AbortController();
  const { signal } = answered;
  try {
    const ended = once(worker, 'exit', { signal }).then(([code]) => assert.fail(`a worker ended with ${code}`));
    const answer = once(worker, 'message', { signal });
    worker.send(calls);
    return (await Promise.race([answer, ended]))[0];
  } finally {
    answered.abort();
  }
}

async function withWorkers(
  count: number,
  { module, execArgv, env }: StoreProcesses,
  work: (workers: ChildProcess[]) => Promise<void>,
) {
  const options = { execArgv: [...(execArgv ?? process.execArgv)], env: { ...process.env, ...env } };
  const workers = Array.from({ length: count }, () => fork(module, options));
  try {
    await work(workers);
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
  }
}

/** Races callers that refresh one token at the same moment. Their successors tell them apart. */
async function race({ store, now }: Subject, workers: readonly ChildProcess[]): Promise<void> {
  const { record } = authorization(now);
  const token = record();
  await store.put([token], now);
  const successors = Array.from({ length: RACERS }, () => record());
  const calls = successors.map((next) => ['consume', token.id, { now, seal: next.id, next: [next] }] as const);
  const shares = workers.map((worker, i) =>
    ask(
      worker,
      calls.filter((_, j) => j % workers.length === i),
    ),
  );
  const { seal } = onlyOne((await Promise.all(shares)).flat() as (Consumed | undefined)[]);
  const reads: Calls = successors.map(({ id }) => ['get', id, now]);
  for (const found of await Promise.all(workers.map((worker) => ask(worker, reads)))) {
    const there = (found as (StoredRecord | null)[]).filter((each) => each !== null);
    assert.deepEqual(
      there.map(({ id }) => id),
      [seal],
    );
  }
}

/** All processes put the same JWT IDs and records at the same moment. Each process gets many puts in one message, so that the puts overlap. */
async function putAtOnce({ store, now }: Subject, workers: readonly ChildProcess[]): Promise<void> {
  const records = Array.from({ length: RACERS }, (_, i) =>
    authorization(now).record(i % 2 ? {} : { kind: 'jti', consumedAt: now }),
  );
  const calls = records.map((each) => ['put', [each], now] as const);
  const answers = (await Promise.all(workers.map((worker) => ask(worker, calls)))) as boolean[][];
  for (const [i, { id }] of records.entries()) {
    assert.equal(answers.filter((each) => each[i]).length, 1, 'one process is told that it stored the ID');
    assert.ok(await store.get(id, now));
  }
}

/** One process ends authorizations, while a second process puts a token of each, and a third process refreshes a token of each. */
async function endAtOnce({ store, now }: Subject, workers: readonly ChildProcess[]): Promise<void> {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const { record, authorizationID } = authorization(now);
    return { authorizationID, token: record(), next: record(), late: record() };
  });
  await Promise.all(rounds.map(({ token }) => store.put([token], now)));
  const each = (calls: (round: (typeof rounds)[number]) => Calls) => rounds.flatMap(calls);
  const reads = each(({ token, next, late }) => [token, next, late].map(({ id }) => ['get', id, now] as const));
  await Promise.all(workers.map((worker) => ask(worker, reads))); // processes with a cache now have the records in it
  const shares = [
    each(({ late }) => [['put', [late], now]]),
    each(({ authorizationID }) => [['revoke', authorizationID, now + 600, now]]),
    each(({ token, next }) => [['consume', token.id, { now, next: [next] }]]),
  ];
  await Promise.all(workers.map((worker, i) => ask(worker, shares[i % shares.length] ?? [])));
  for (const found of await Promise.all(workers.map((worker) => ask(worker, reads))))
    assert.equal((found as unknown[]).filter((one) => one !== null).length, 0, 'what was ended is read by no process');
}

export function processChecks(processes: StoreProcesses): readonly Check[] {
  return [
    {
      name: `tells exactly one of ${WORKERS} processes that it was first, or that it put an ID, and gives none of them what one has ended`,
      async run(subject) {
        await withWorkers(WORKERS, processes, async (workers) => {
          await Promise.all(workers.map((worker) => ask(worker, [['get', 'a.b', subject.now]]))); // wait until all have started
          for (let round = 0; round < 5; round++) await race(subject, workers);
          await putAtOnce(subject, workers);
          await endAtOnce(subject, workers);
        });
      },
    },
    {
      name: 'lets a process end once it is closed, and has what that stored',
      async run({ store, now }) {
        const record = authorization(now).record();
        await withWorkers(1, processes, async (workers) => {
          const ends = workers.map((worker) => once(worker, 'exit'));
          await Promise.all(workers.map((worker) => ask(worker, [['put', [record], now]])));
          for (const worker of workers) worker.send([]);
          for (const [code] of await Promise.all(ends)) assert.equal(code, 0);
        });
        assert.deepEqual(await store.get(record.id, now), record);
      },
    },
  ];
}
