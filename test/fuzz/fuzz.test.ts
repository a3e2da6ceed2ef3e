/** Whatever a request says, to whichever endpoint: an answer in the RFC's form, and callbacks that are given strings. */
import assert from 'node:assert/strict';
import { unreached } from './campaign.js';
import { OFTEN } from './reached.js';

const CASES = 3000;
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

describe('hostile requests to every endpoint', function () {
  this.timeout(300_000);

  it(`${CASES} of them, with FUZZ_SEED=${seed}`, async () => {
    assert.deepEqual(
      await unreached(OFTEN, { cases: CASES, seed }),
      [],
      'the good requests among them were answered as such',
    );
  });
});
