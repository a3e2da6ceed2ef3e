/** The work for what a stranger sends grows no faster than what is sent. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { root, run } from '../run.js';

describe('32 times the input', function () {
  this.timeout(300_000);

  it('makes no more calls, and less than 200 times the work', async () => {
    const { stdout, output } = await run(
      process.execPath,
      ['--import', './test/register.mjs', join('test', 'work', 'measure.ts')],
      root,
    );
    const { measured, faults } = JSON.parse(stdout.trim().split('\n').at(-1) || assert.fail(output));
    assert.ok(measured > 500, `${measured}`);
    assert.deepEqual(faults, []);
  });
});
