/** What a machine lacks is said in one visible line, however many processes the tests run in. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './run.js';

const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');

/** Tests of a store whose server is not there. */
const testsOf = (store: string): string => `
import { skipStore } from ${JSON.stringify(join(root, 'test', 'support', 'missing-server.ts'))};
describe('a store', () => {
  before(function () { skipStore(this, ${JSON.stringify(store)}); });
  it('is tested', () => {});
});
`;

describe('what could not be tested', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-lacking-'));
  const files = ['One', 'Other', 'One'].map((store, index) => {
    const file = join(directory, `${index}.test.mts`);
    writeFileSync(file, testsOf(store));
    return file;
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const flags of [[], ['--parallel', '--jobs', '2']]) {
    it(`is said once by ${['mocha', ...flags].join(' ')}`, async () => {
      const own = { REQUIRE_STORES: undefined, KOAUTHORIZE_NOT_TESTED: undefined };
      const { output } = await run(process.execPath, [mocha, ...flags, ...files], root, own);
      const lines = output.split('\n').filter((line) => line.startsWith('NOT TESTED'));
      assert.equal(lines.length, 1, output);
      assert.deepEqual(lines[0]?.split(': ')[1]?.split(', ').sort(), ['One', 'Other']);
    });
  }
});
