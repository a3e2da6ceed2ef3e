/** What of the tests runs on other versions of Node. */
import assert from 'node:assert/strict';
import { coreFiles, isOfCore } from './files.js';

describe('the core of the tests', () => {
  const files = coreFiles();

  it('is most of the tests of the specifications, of the plugs and of the parts', () => {
    assert.ok(files.length > 140, `${files.length}`);
    for (const file of ['test/spec/rfc7636.test.ts', 'test/spec/rfc9449.test.ts', 'test/plugs/answer.test.ts'])
      assert.ok(files.includes(file), file);
    assert.ok(
      files.some((file) => file.startsWith('test/token-service/store/lmdb')),
      'a native module is in it',
    );
  });

  for (const [what, line] of [
    ['starts a process', "import { fork } from 'node:child_process';"],
    ['needs PostgreSQL', "import { Pool } from 'pg';"],
    ['needs Redis', "import { createClient } from 'redis';"],
    ['needs a browser', "import { chromium } from 'playwright-core';"],
    ['needs an example', "import { app } from '../../examples/full/app.js';"],
    ['needs a file in JavaScript', "import { application } from '../parity/application.js';"],
    ['reads a file beside it', "const file = new URL('x.json', import.meta.url);"],
  ] as const)
    it(`has no test that ${what}, by itself or by what it imports`, () => {
      assert.ok(!isOfCore('test/spec/a.test.ts', () => line));
      const texts = new Map([
        ['test/spec/a.test.ts', "import '../support/form.js';"],
        ['test/support/form.ts', line],
      ]);
      assert.ok(!isOfCore('test/spec/a.test.ts', (file) => texts.get(file) ?? ''));
      assert.ok(
        isOfCore('test/spec/a.test.ts', (file) =>
          file === 'test/spec/a.test.ts' ? "import '../support/form.js';" : '',
        ),
      );
    });
});
