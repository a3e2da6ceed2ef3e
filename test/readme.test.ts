import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as readme from './readme/blocks.js';
import { root, tsc } from './run.js';

const scripts = (): ReadonlySet<string> => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  return new Set(Object.keys(manifest.scripts));
};

const exists = (path: string): boolean => existsSync(join(root, path));

/** As strict as the repository, but for matters of style and names that a short example declares for its reader. */
const settings = {
  extends: '../../../tsconfig.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noPropertyAccessFromIndexSignature: false },
  include: ['*.ts'],
  exclude: [],
};

/** Compiles the modules together, in one run, below test/output/. A message names the block's file and its README line. */
async function compile(name: string, modules: readonly readme.Module[]) {
  const directory = join(root, 'test', 'output', name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  for (const { line, text } of modules) {
    writeFileSync(join(directory, `line-${line}.ts`), text);
  }
  return tsc(['-p', directory], root);
}

describe('README.md', () => {
  let markdown: string;
  let blocks: readme.Block[];

  before(() => {
    markdown = readFileSync(join(root, 'README.md'), 'utf8');
    blocks = readme.blocksOf(markdown);
  });

  it('has code, and no block that nothing checks', () => {
    assert.ok(blocks.length > 0);
    assert.deepEqual(readme.uncheckedBlocks(blocks), []);
  });

  it('its TypeScript and JavaScript compile', async function () {
    this.timeout(60_000);
    const modules = readme.modulesOf(blocks);
    assert.ok(modules.length > 0);
    const { ok, output } = await compile('readme', modules);
    assert.ok(ok, output);
  });

  it('its commands exist', () => {
    assert.deepEqual(readme.wrongCommands(blocks, scripts(), exists), []);
  });

  it('says how to run the tests, in one line of its own', () => {
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
    assert.equal(lines.filter((line) => line === 'npm install && npm test').length, 1);
  });

  it('its JSON parses', () => {
    assert.deepEqual(readme.unreadableJSON(blocks), []);
  });

  it('its links into the repository lead somewhere', () => {
    assert.deepEqual(
      readme.relativeLinks(markdown).filter((path) => !exists(path)),
      [],
    );
  });
});

describe('README.md: what the checks refuse', () => {
  const fence = '```';
  const block = (info: string, ...lines: string[]) => [`${fence}${info}`, ...lines, fence, ''].join('\n');

  it('a language without a rule, and none at all', () => {
    assert.equal(readme.uncheckedBlocks(readme.blocksOf(block('python', 'x') + block('', 'x'))).length, 2);
    assert.equal(readme.uncheckedBlocks(readme.blocksOf(block('ts nocheck', 'x') + block('sh name=a', 'x'))).length, 2);
    const fine = ['ts name=a', 'ts continues=a', 'js', 'sh', 'json', 'text', 'http'];
    assert.deepEqual(readme.uncheckedBlocks(readme.blocksOf(fine.map((info) => block(info, 'x')).join(''))), []);
  });

  it('a block without an end', () => {
    assert.throws(() => readme.blocksOf('```ts\nconst a = 1;\n'), /line 1/);
  });

  it('commands that do not exist', () => {
    const check = (...lines: string[]) =>
      readme.wrongCommands(
        readme.blocksOf(block('sh', ...lines)),
        new Set(['start', 'test', 'lint']),
        (path) => path === 'a.ts',
      );
    const fine = [
      'npm install && npm test',
      '$ npm run lint # why',
      'PORT=80 npm start',
      'npx tsx a.ts',
      'curl -d a=b \\',
      '  x',
    ];
    assert.deepEqual(check(...fine), []);
    assert.equal(check('npm run nothing', 'npm nothing', 'npm install && npm run nothing', 'make').length, 4);
    assert.equal(check('npx tsx b.ts', 'node', 'npx something').length, 3);
  });

  it('JSON that does not parse', () => {
    assert.equal(
      readme.unreadableJSON(readme.blocksOf(block('json', '{ "a": 1, }') + block('json', '{ "a": 1 }'))).length,
      1,
    );
  });

  it('a continuation of nothing, and a name given twice', () => {
    assert.throws(() => readme.modulesOf(readme.blocksOf(block('ts continues=a', 'x'))), /no block .* 'a'/);
    assert.throws(() => readme.modulesOf(readme.blocksOf(block('ts name=a') + block('ts name=a'))), /'a' too/);
  });

  it('links that lead nowhere are found, outside of code', () => {
    const text = `[a](./a.md#b) [c](#c) [d](https://d.example) \`[e](e)\`\n${block('text', '[f](f)')}[g](g.md "title")`;
    assert.deepEqual(readme.relativeLinks(text), ['./a.md', 'g.md']);
  });

  it('code that does not compile, at its line of the README', async function () {
    this.timeout(60_000);
    const markdown = [
      block('ts name=first', 'const first: number = 1;'),
      block('ts continues=first', 'const second: string = first;'),
      block('js', 'const first = 3;'),
      block('ts', "import { noSuchName } from 'koauthorize';"),
    ].join('');
    const { ok, output } = await compile('readme-refused', readme.modulesOf(readme.blocksOf(markdown)));
    assert.ok(!ok);
    assert.deepEqual([...output.matchAll(/line-\d+\.ts\(\d+,\d+\): error TS\d+/g)].flat(), [
      'line-11.ts(11,10): error TS2305',
      'line-5.ts(5,7): error TS2322',
    ]);
  });
});
