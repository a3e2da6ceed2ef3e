/**
 * Devices, users who are asked on their own device (CIBA), and exchanges, at random, at two servers over one store, while all of it ends: no token without its authorization, and nothing outlives it. On every store.
 *
 * `MODEL_RUNS=20000 npx mocha --exit --timeout 0 test/model/grants.test.ts` is the long run; `MODEL_SEED` and `MODEL_PATH` repeat one.
 */
import fc from 'fast-check';
import { cibaKeys } from '../support/backchannel-server.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';
import { GrantsRun } from './grants.js';
import { turns } from './grants-commands.js';

const RUNS = { memory: 150, lmdb: 20, PostgreSQL: 10, Redis: 10 } as const;
const LENGTH = 25;
/** 2026-01-01 */
const START = 1_767_225_600;

const { MODEL_RUNS, MODEL_SEED, MODEL_PATH } = process.env;
const repeated = { ...(MODEL_SEED && { seed: Number(MODEL_SEED) }), ...(MODEL_PATH && { path: MODEL_PATH }) };
const runsOn = (name: keyof typeof RUNS): number =>
  MODEL_RUNS ? Math.max(1, Math.round((Number(MODEL_RUNS) * RUNS[name]) / RUNS.memory)) : RUNS[name];

for (const [name, start] of Object.entries(PLACES))
  describe(`devices, users who are asked, and exchanges on ${name}, at random`, function () {
    this.timeout(MODEL_RUNS ? 0 : 240_000);
    const clock = { now: START };
    const numRuns = runsOn(name as keyof typeof RUNS);
    let place: Place | undefined;
    before(async function () {
      place = await start({ clock: () => clock.now });
      if (!place) skipStore(this, name);
    });
    after(() => place?.remove());

    it(`${numRuns} runs of up to ${LENGTH} turns`, async () => {
      const keys = await cibaKeys();
      const property = fc.asyncProperty(turns(LENGTH), async (all) => {
        const shared = place as Place;
        shared.clear();
        const stores = [shared.open(), shared.open()] as const;
        const run = new GrantsRun(stores, keys, clock);
        try {
          for (const turn of all) await run.take(turn);
        } finally {
          for (const store of new Set(stores)) await store.close();
        }
      });
      await fc.assert(property, { numRuns, ...repeated });
    });
  });
