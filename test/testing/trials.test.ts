/** The trials of `koauthorize/testing`, on every store; `TRIALS=10000` is the long run. */
import assert from 'node:assert/strict';
import { type RotationTrialOptions, runRotationTrial, runSingleUseTrial } from 'koauthorize/testing';
import { memoryStore, type TokenStore } from 'koauthorize/tokens';
import { delayed } from '../../lib/testing/trial/trial.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';

const TRIES = Number(process.env['TRIALS'] ?? 100);
/** Seconds; more than a process has to wait for its turn on a busy machine. */
const GRACE = process.env['TRIALS'] ? 10 : 3;

for (const [name, start] of Object.entries(PLACES)) {
  describe(`trials on ${name}`, function () {
    this.timeout(process.env['TRIALS'] ? 0 : 60_000);
    let place: Place | undefined;
    before(async function () {
      place = await start();
      if (!place) skipStore(this, name);
    });
    after(() => place?.remove());

    const stores = () => ({
      open: () => (place as Place).open(),
      ...(place?.isShared && { second: () => (place as Place).open() }),
    });

    it(`${TRIES} refreshes by three senders in two processes, with a fifth of the answers lost`, async () => {
      const dump = place?.dump;
      const { violations, counts } = await runRotationTrial({
        ...stores(),
        refreshes: TRIES,
        grace: GRACE,
        ...(dump && { dump }),
      });
      assert.deepEqual(violations, []);
      assert.ok((counts['asked'] ?? 0) > TRIES);
    });

    it(`${10 * TRIES} races of two for each thing that may be used once`, async () => {
      const { violations, tries } = await runSingleUseTrial({ ...stores(), tries: 10 * TRIES });
      assert.deepEqual(violations, []);
      assert.equal(tries, 40 * TRIES);
    });
  });
}

describe('trials find', function () {
  this.timeout(30_000);
  /** A store that does one thing wrong. */
  const wrong = (change: (store: TokenStore) => Partial<TokenStore>) => () => {
    const store = memoryStore();
    return { ...delayed(store, 0), ...change(store) };
  };

  it('a store that tells two that they were first', async () => {
    const open = wrong((store) => ({
      async put(records, now) {
        await store.put(records, now);
        return true;
      },
      async consume(id, consumption) {
        const consumed = await store.consume(id, consumption);
        return consumed && { ...consumed, first: true };
      },
    }));
    const { violations } = await runSingleUseTrial({ open, tries: 20, latency: 1 });
    assert.equal(violations.filter((one) => one.endsWith('2 of 2 succeeded')).length, 80);
  });

  it('a store that forgets after a minute that something was used', async () => {
    const used = new Map<string, number>();
    const isForgotten = (id: string, now: number): boolean => now - (used.get(id) ?? now) > 60;
    const open = wrong((store) => ({
      async put(records, now) {
        const isStored = await store.put(records, now);
        const [first] = records;
        if (!first || first.consumedAt === undefined) return isStored;
        if (isStored) used.set(first.id, now);
        return isStored || isForgotten(first.id, now);
      },
      async get(id, now) {
        const record = await store.get(id, now);
        if (!record || !isForgotten(id, now)) return record;
        const { consumedAt: _, seal: __, ...unused } = record;
        return unused;
      },
      async consume(id, consumption) {
        const { now } = consumption;
        const consumed = await store.consume(id, { ...consumption, keepUntil: now + 3600 });
        if (consumed?.first) used.set(id, now);
        return consumed && { ...consumed, first: consumed.first || isForgotten(id, now) };
      },
    }));
    const { violations } = await runSingleUseTrial({ open, tries: 1, latency: 1 });
    const found = ['code', 'refresh token', 'jti', 'ephemeral value'].map((kind) =>
      violations.filter((one) => one === `${kind}: used again shortly before its end`),
    );
    assert.deepEqual(
      found.map(({ length }) => length),
      [50, 50, 50, 50],
      violations.join('\n'),
    );
  });

  const flaws: Readonly<Record<string, [RotationTrialOptions['open'], RegExp]>> = {
    'a store that forgets what the first left': [
      wrong((store) => ({
        async consume(id, consumption) {
          const { seal: _, ...more } = consumption;
          return store.consume(id, more);
        },
      })),
      /were refused/,
    ],
    'a store that ends nothing': [wrong(() => ({ revoke: async () => {} })), /did not end its family/],
  };
  for (const [flaw, [open, violation]] of Object.entries(flaws)) {
    it(flaw, async () => {
      const { violations } = await runRotationTrial({ open, refreshes: 30, latency: 1, grace: 1 });
      assert.match(violations.join('\n'), violation);
    });
  }

  for (const [option, values] of Object.entries({
    tries: [0, -5, Number.NaN, 1.5, Number.POSITIVE_INFINITY, '100'],
    latency: [-1, Number.NaN, Number.POSITIVE_INFINITY, '2'],
  }))
    it(`a mistake in each ${option} with which they would try nothing: no violation would be found`, async () => {
      for (const value of values)
        await assert.rejects(
          async () => runSingleUseTrial({ open: () => memoryStore(), tries: 1, [option]: value }),
          new RegExp(`^TypeError: runSingleUseTrial\\(\\{ ${option} \\}\\) `),
        );
    });

  for (const [option, values] of Object.entries({
    refreshes: [0, -5, Number.NaN, 1.5, Number.POSITIVE_INFINITY, '100'],
    senders: [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, '3'],
    lost: [-0.1, 1, Number.NaN, '0.2'],
    grace: [-1, Number.NaN, Number.POSITIVE_INFINITY, '3'],
    latency: [-1, Number.NaN, Number.POSITIVE_INFINITY, '2'],
  }))
    it(`a mistake in each ${option} with which refreshes would not be tried, or never end`, async () => {
      for (const value of values)
        await assert.rejects(
          async () => runRotationTrial({ open: () => memoryStore(), refreshes: 1, [option]: value }),
          new RegExp(`^TypeError: runRotationTrial\\(\\{ ${option} \\}\\) `),
        );
    });

  it('no token in anything that a store is given', async () => {
    const stored: string[] = [];
    const open = wrong((store) => ({
      async consume(id, consumption) {
        stored.push(JSON.stringify(consumption));
        return store.consume(id, consumption);
      },
    }));
    const clean = await runRotationTrial({ open, refreshes: 5, grace: 1, dump: async () => stored.join() });
    assert.ok(stored.length >= 5);
    assert.deepEqual(clean.violations, []);
  });
});
