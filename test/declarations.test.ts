/** What the compiler writes into the declarations, beyond what stands in the sources. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSource } from './architecture/source.js';
import { tsc } from './run.js';

describe('the declarations', function () {
  this.timeout(120_000);
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-declarations-'));

  after(() => rmSync(directory, { recursive: true, force: true }));

  it('contain no any, not even an inferred one', async () => {
    const flags = ['--emitDeclarationOnly', '--declarationMap', 'false', '--outDir', directory];
    const { ok, output } = await tsc(['-p', 'tsconfig.build.json', ...flags]);
    assert.ok(ok, output);
    const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.d.ts'),
    );
    assert.ok(paths.includes('index.d.ts'), paths.join());
    const found = paths.flatMap((path) => {
      const { anyTypes, syntaxErrors } = readSource(path, readFileSync(join(directory, path), 'utf8'));
      assert.deepEqual(syntaxErrors, [], path);
      return anyTypes.map(({ line }) => `${path}:${line}`);
    });
    assert.deepEqual(found, []);
  });

  it('would be seen if they did', () => {
    const { anyTypes } = readSource('x.d.ts', '/** any */\nexport declare const x: Map<string, any>;\n');
    assert.deepEqual(anyTypes, [{ line: 2, what: 'any' }]);
  });
});
