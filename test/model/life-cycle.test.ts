/**
 * The life of tokens, at random: requests at once, in every order, in two processes whose clocks differ and step; processes that die, stores
 * that fail or are slow, answers that get lost, and all of it ended meanwhile; on every store. What may happen stands in family.ts and its steps.
 *
 * `MODEL_RUNS=20000 npx mocha --exit --timeout 0 test/model/life-cycle.test.ts` is the long run; `MODEL_SEED` and `MODEL_PATH` repeat one.
 */
import fc from 'fast-check';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';
import { commands } from './commands.js';
import { Run } from './run.js';
import type { Clock } from './times.js';

/** A database is some hundred times slower than memory. */
const RUNS = { memory: 300, lmdb: 40, PostgreSQL: 25, Redis: 25 } as const;
const LENGTH = 40;
/** Purging goes on while others work, each by a clock that is shared: at once, or as late as clocks may differ. */
const PURGE = 0.05;
const SKEWS = [0, 15, -15, 30, -30] as const;

const setting = fc.record({
  grace: fc.constantFrom(10, 10, 10, 0),
  // by up to 30 s: two tabs on two machines are no theft
  skews: fc.oneof(
    fc.constant([0, 0] as const),
    fc.constantFrom(...SKEWS).chain((skew) => fc.constantFrom([0, skew] as const, [skew, 0] as const)),
    fc.constantFrom([-15, 15] as const, [15, -15] as const, [15, 15] as const),
  ),
  purgeDelay: fc.constantFrom(0, 0, 60),
  commands: commands(LENGTH),
});

const runsOn = (name: keyof typeof RUNS): number => {
  const wanted = Number(process.env['MODEL_RUNS'] ?? 0);
  return wanted > 0 ? Math.max(1, Math.round((wanted * RUNS[name]) / RUNS.memory)) : RUNS[name];
};
const { MODEL_SEED, MODEL_PATH } = process.env;
const repeated = { ...(MODEL_SEED && { seed: Number(MODEL_SEED) }), ...(MODEL_PATH && { path: MODEL_PATH }) };

for (const [name, start] of Object.entries(PLACES)) {
  describe(`the life of tokens on ${name}, at random`, function () {
    this.timeout(process.env['MODEL_RUNS'] ? 0 : 240_000);
    const clock: Clock = { now: 0 };
    const numRuns = runsOn(name as keyof typeof RUNS);
    let place: Place | undefined;
    let runs = 0;
    before(async function () {
      place = await start({ clock: () => clock.now, purgeInterval: PURGE });
      if (!place) skipStore(this, name);
    });
    after(() => place?.remove());

    it(`${numRuns} runs of up to ${LENGTH} commands`, async () => {
      const property = fc.asyncProperty(setting, async ({ commands, ...rest }) => {
        const id = `${process.pid}-${runs++}`;
        await new Run({ place: place as Place, clock, id, ...rest }).carryOut(commands);
      });
      await fc.assert(property, { numRuns, ...repeated });
    });
  });
}
