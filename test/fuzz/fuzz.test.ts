/** Whatever a request says, to whichever endpoint: an answer in the RFC's form, and callbacks that are given strings. */
import assert from 'node:assert/strict';
import { campaign } from './campaign.js';
import { missing, OFTEN } from './reached.js';

const CASES = 3000;
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

describe('hostile requests to every endpoint', function () {
  this.timeout(300_000);

  it(`${CASES} of them, with FUZZ_SEED=${seed}`, async () => {
    const { outcomes } = await campaign({ cases: CASES, seed });
    assert.deepEqual(missing(outcomes, OFTEN), [], 'the good requests among them were answered as such');
  });
});
