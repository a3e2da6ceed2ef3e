/** The same where every extension is plugged in: what they read is mutated above all. */
import assert from 'node:assert/strict';
import { unreached } from './campaign.js';
import { EXTENSIONS } from './extended-drafts.js';
import { OFTEN_EXTENDED } from './reached.js';

const CASES = 800;
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

describe('hostile requests where every extension is plugged in', function () {
  this.timeout(300_000);

  it(`${CASES} of them, with FUZZ_SEED=${seed}`, async () => {
    const left = await unreached(OFTEN_EXTENDED, { cases: CASES, seed }, EXTENSIONS);
    assert.deepEqual(left, [], 'the good requests among them were answered as such');
  });
});
