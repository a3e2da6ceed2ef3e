/** Two authorization servers of the same clients and users over one store, in a partition each: neither knows anything of the other. */
import fc from 'fast-check';
import { partition } from 'koauthorize/tokens';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';
import { commands } from './commands.js';
import { Run } from './run.js';
import type { Clock } from './times.js';

const RUNS = { memory: 40, lmdb: 8, PostgreSQL: 5, Redis: 5 } as const;
const LENGTH = 30;
const PURGE = 0.05;
/** Commands that go to one tenant before another's turn may come: a code that is issued is mostly redeemed there. */
const STRETCH = 3;

const setting = fc.record({
  grace: fc.constantFrom(10, 0),
  commands: commands(LENGTH),
  turns: fc.array(fc.constantFrom(0 as const, 1 as const), { minLength: 10, maxLength: 10 }),
});

/** The place as one tenant has it. */
function partOf(place: Place, name: string): Place {
  const open: Place['open'] = (options) => {
    const store = place.open(options);
    return { ...partition(store, name), close: () => store.close() };
  };
  return { ...place, open, clear: () => {} };
}

for (const [name, start] of Object.entries(PLACES)) {
  describe(`two tenants in one store on ${name}, at random`, function () {
    this.timeout(240_000);
    const clock: Clock = { now: 0 };
    let place: Place | undefined;
    let runs = 0;
    before(async function () {
      place = await start({ clock: () => clock.now, purgeInterval: PURGE });
      if (!place) skipStore(this, name);
    });
    after(() => place?.remove());

    it('tokens of one do not work at the other, and are neither listed nor revoked there', async () => {
      const property = fc.asyncProperty(setting, async ({ grace, commands, turns }) => {
        const shared = place as Place;
        shared.clear();
        const common = { clock, grace, skews: [0, 0], purgeDelay: 60, id: `${process.pid}-${runs++}` } as const;
        const tenants = ['a', 'b'].map((each) => new Run({ ...common, place: partOf(shared, each) })) as [Run, Run];
        try {
          for (const each of tenants) await each.begin();
          for (const [i, command] of commands.entries()) {
            const turn = turns[Math.floor(i / STRETCH) % turns.length] ?? 0;
            await tenants[turn].step(command);
            tenants[1 - turn]?.tick(0); // the same clock
          }
          await tenants[0].presentAll(tenants[1]);
          await tenants[1].presentAll(tenants[0]);
          for (const each of tenants) await each.finish();
        } finally {
          for (const each of tenants) await each.close();
        }
      });
      await fc.assert(property, { numRuns: RUNS[name as keyof typeof RUNS] });
    });
  });
}
