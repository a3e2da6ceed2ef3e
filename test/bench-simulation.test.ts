/** The simulation that docs/scaling.md has its tables from. */
import assert from 'node:assert/strict';
import { readCosts } from '../bench/simulation/inputs.js';
import { plan } from '../bench/simulation/plan.js';
import { type Kind, simulate } from '../bench/simulation/queue.js';
import { root } from './run.js';

/** Two milliseconds at a process, and one at the database in between. */
const kind = (rate: number): Kind => ({
  name: 'request',
  rate,
  stages: [
    { at: 'process', work: 0.001, travel: 0 },
    { at: 'database', work: 0.001, travel: 0.0005 },
    { at: 'process', work: 0.001, travel: 0.0005 },
  ],
});

describe('the simulation of bench/', () => {
  it('adds up work and travel where nobody waits', () => {
    const { p50, process, database } = simulate([kind(1)], { processes: 4, cores: 4 }, 1000);
    assert.ok(Math.abs(p50 - 4) < 1e-6, `${p50}`);
    assert.ok(Math.abs(process - 0.0005) < 0.0001 && Math.abs(database - 0.00025) < 0.0001, `${process} ${database}`);
  });

  it('has the waiting of a queue: at 80 % load of one core, the mean of M/D/1 is three times the work', () => {
    const work = 0.01;
    const one: Kind = { name: 'request', rate: 80, stages: [{ at: 'process', work, travel: 0 }] };
    const { p50, p99, process } = simulate([one], { processes: 1, cores: 1 }, 500);
    assert.ok(process > 0.75 && process < 0.85, `${process}`);
    assert.ok(p50 > 15 && p50 < 35 && p99 > 80 && p99 < 250, `${p50} ${p99}`); // mean 30 ms
  });

  it('shows an overload: who comes later waits longer', () => {
    const short = simulate([kind(800)], { processes: 1, cores: 1 }, 1).p99;
    const long = simulate([kind(800)], { processes: 1, cores: 1 }, 4).p99;
    assert.ok(long > 2 * short, `${short} ${long}`);
  });

  it('plans for half of each core, with what was measured', () => {
    const stores = readCosts(root);
    assert.deepEqual(
      stores.map(({ store }) => store),
      ['PostgreSQL', 'Redis'],
    );
    for (const store of stores) {
      for (const times of [1, 1000]) {
        const { outcome, processes } = plan(store, 'opaque', times);
        assert.ok(processes >= 2);
        assert.ok(outcome.process < 0.6 && outcome.database < 0.6, JSON.stringify(outcome));
        assert.ok(Number.isFinite(outcome.p99));
      }
    }
  });
});
