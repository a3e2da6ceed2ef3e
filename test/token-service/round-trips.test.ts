/**
 * How many statements and commands each operation sends to its database, counted in the bytes of the protocol. `COUNT_ROUND_TRIPS=1` writes the
 * numbers that the next run compares; `npm run docs` then makes the table of docs/scaling.md.
 */
import assert from 'node:assert/strict';
import { skipStore } from '../support/missing-server.js';
import { watched } from '../support/token-store.js';
import { type AllCounted, readCounted, writeCounted } from './round-trips/counted.js';
import { METERS, type Meter, type Sent } from './round-trips/meters.js';
import { OPERATIONS } from './round-trips/operations.js';

const isWriting = process.env['COUNT_ROUND_TRIPS'] === '1';
const expected: AllCounted = isWriting ? {} : readCounted();
const counted: Record<string, AllCounted[string]> = {};

function less(after: Sent, before: Sent): Sent {
  const commands = after.commands - before.commands;
  return after.waits === undefined ? { commands } : { commands, waits: after.waits - (before.waits ?? 0) };
}

async function countOf({ store, sent }: Meter, prepare: (typeof OPERATIONS)[string]) {
  const calls: string[] = [];
  const counting = watched((method, _args, call) => {
    calls.push(method);
    return call();
  }, store);
  const work = await prepare(counting);
  calls.length = 0;
  const before = sent();
  await work();
  return { calls: [...calls], sent: less(sent(), before) };
}

for (const [name, open] of Object.entries(METERS)) {
  describe(`round trips to ${name}`, function () {
    this.timeout(60_000);
    let meter: Meter | undefined;
    before(async function () {
      meter = await open();
      if (!meter) return skipStore(this, name);
      for (const prepare of Object.values(OPERATIONS).slice(0, 2)) await countOf(meter, prepare); // makes tables, loads scripts
      for await (const _ of meter.store.listByClient('', 0));
    });
    after(() => meter?.close());

    for (const [operation, prepare] of Object.entries(OPERATIONS)) {
      it(`${operation}: as many as were counted last, and no more`, async () => {
        assert.ok(meter);
        await countOf(meter, prepare); // each connection has prepared its statements, and the server has loaded the script
        const { calls, sent } = await countOf(meter, prepare);
        const last = expected[operation];
        counted[operation] = { ...counted[operation], calls, [name]: sent };
        if (!isWriting)
          assert.deepEqual({ calls, sent }, { calls: last?.calls, sent: last?.[name as keyof typeof METERS] });
      });
    }
  });
}

describe('the least number of round trips', () => {
  after(() => {
    if (isWriting) writeCounted(counted);
  });

  it('is that of the calls of the store: one statement of PostgreSQL, and one command of Redis, for each', () => {
    for (const [operation, { calls, PostgreSQL, Redis }] of Object.entries(isWriting ? counted : expected)) {
      const lists = calls.filter((call) => call === 'list').length; // in Redis: the IDs, and then the records, whose keys a script must be told
      assert.equal(PostgreSQL?.commands, calls.length, operation);
      assert.equal(Redis?.commands, calls.length + lists, operation);
    }
  });

  it('was counted for every operation, and for no other', () => {
    assert.deepEqual(Object.keys(isWriting ? counted : expected).sort(), Object.keys(OPERATIONS).sort());
  });
});
