/** README.md and docs/: what they show compiles, runs, answers as they say, and leads somewhere. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Koa from 'koa';
import { allEntries } from './public-names.js';
import * as readme from './readme/blocks.js';
import { conversation } from './readme/exchanges.js';
import { deadLinks, deadReferences, wrongRFCs } from './readme/links.js';
import { type Page, pages, textOf, toPage, type Written, write } from './readme/pages.js';
import { root } from './run.js';

const scripts = (): ReadonlySet<string> => {
  const manifest = JSON.parse(textOf('package.json') ?? '') as { scripts: Record<string, string> };
  return new Set(Object.keys(manifest.scripts));
};

const exists = (path: string): boolean => textOf(path) !== undefined;

const all = pages();

/** Of each page what a check says of it. */
const of = (check: (page: Page) => readonly string[]): string[] =>
  all.flatMap((page) => check(page).map((problem) => `${page.path}: ${problem}`));

describe('README.md and docs/', () => {
  it('have code, and no block that nothing checks', () => {
    assert.ok(all.some(({ path }) => path === 'docs/threats.md'));
    assert.deepEqual(
      of(({ blocks }) => readme.uncheckedBlocks(blocks)),
      [],
    );
  });

  it('their commands exist', () => {
    assert.deepEqual(
      of(({ blocks }) => readme.wrongCommands(blocks, scripts(), exists)),
      [],
    );
  });

  it('their JSON parses', () => {
    assert.deepEqual(
      of(({ blocks }) => readme.unreadableJSON(blocks)),
      [],
    );
  });

  it('their links lead to a file, a heading, or a test of that title', () => {
    assert.deepEqual(
      all.flatMap(({ path, markdown }) => deadLinks(markdown, path, textOf)),
      [],
    );
  });

  it('their links to RFCs lead to the RFC and the section that they name', () => {
    assert.deepEqual(
      of(({ markdown }) => wrongRFCs(markdown)),
      [],
    );
  });

  it('every @see of lib/ names a document, a web page, or a public name', () => {
    const names = new Set(Object.values(allEntries()).flatMap(({ values, types }) => [...values, ...types]));
    const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const dead = sources.flatMap((name) =>
      deadReferences(textOf(`lib/${name}`) ?? '', (each) => names.has(each)).map((text) => `lib/${name}: @see ${text}`),
    );
    assert.deepEqual(dead, []);
  });

  it('the README says how to run the tests and the example, each in one line of its own', () => {
    const blocks = all.find(({ path }) => path === 'README.md')?.blocks ?? [];
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
    for (const command of ['npm install && npm test', 'npm install && npm start'])
      assert.equal(lines.filter((line) => line === command).length, 1, command);
  });

  describe('their code', () => {
    let written: Written;
    before(() => {
      written = write('docs', all);
    });

    it('compiles', async function () {
      this.timeout(60_000);
      const { ok, output } = await written.compile();
      assert.ok(ok, output);
    });

    for (const page of all) {
      for (const module of page.modules) {
        const exchanges = page.blocks.filter(({ attributes }) => attributes.get('of') === (module.name ?? ''));
        if (!module.runs && exchanges.length === 0) continue;
        it(`runs: ${page.path}, line ${module.line}${exchanges.map(({ line }) => `, answers line ${line}`).join('')}`, async () => {
          const { koa }: { koa?: unknown } = await written.load(page, module);
          if (exchanges.length === 0) return;
          assert.ok(koa instanceof Koa, 'what answers exports its application as koa');
          const send = conversation(koa);
          for (const { text } of exchanges) await send(text);
        });
      }
    }
  });
});

describe('README.md and docs/: what the checks refuse', () => {
  const fence = '```';
  const block = (info: string, ...lines: string[]) => [`${fence}${info}`, ...lines, fence, ''].join('\n');

  it('a language without a rule, and none at all', () => {
    assert.equal(readme.uncheckedBlocks(readme.blocksOf(block('python', 'x') + block('', 'x'))).length, 2);
    assert.equal(readme.uncheckedBlocks(readme.blocksOf(block('ts nocheck', 'x') + block('sh name=a', 'x'))).length, 2);
    const fine = ['ts name=a', 'ts continues=a', 'ts run', 'js', 'sh', 'json', 'text', 'http of=a'];
    assert.deepEqual(readme.uncheckedBlocks(readme.blocksOf(fine.map((info) => block(info, 'x')).join(''))), []);
  });

  it('an answer of nobody', () => {
    assert.equal(readme.uncheckedBlocks(readme.blocksOf(block('http', 'x') + block('http of=b', 'x'))).length, 2);
  });

  it('a link to another RFC, or another section, than its text says', () => {
    const to = (text: string, path: string): string[] => wrongRFCs(`[${text}](https://www.rfc-editor.org/rfc/${path})`);
    assert.equal(to('RFC 7636', 'rfc6749').length, 1);
    assert.equal(to('RFC 6749 §4.1', 'rfc6749#section-4.1.2').length, 1);
    for (const [text, path] of [
      ['RFC 6749', 'rfc6749'],
      ['RFC 6749 §4.1', 'rfc6749#section-4.1'],
      ['RFC 7515 §A.2', 'rfc7515#appendix-A.2'],
      ['the framework', 'rfc6749'],
    ] as const)
      assert.deepEqual(to(text, path), [], text);
  });

  it('an @see of a section without its document, or of a name that is not public', () => {
    const dead = (text: string): string[] => deadReferences(`/** It is. @see ${text} */`, (name) => name === 'bearer');
    for (const text of ['§4.3', 'draft §5', 'nothing', 'RFC']) assert.deepEqual(dead(text), [text]);
    for (const text of ['RFC 6749 §4.3', 'bearer, which asks', 'OpenID Connect Core §2', 'https://a.example/'])
      assert.deepEqual(dead(text), [], text);
  });

  it('a block without an end', () => {
    assert.throws(() => readme.blocksOf('```ts\nconst a = 1;\n'), /line 1/);
    assert.throws(() => toPage('a.md', '```ts\nconst a = 1;\n'), /a\.md, line 1/);
  });

  it('commands that do not exist', () => {
    const check = (...lines: string[]) =>
      readme.wrongCommands(
        readme.blocksOf(block('sh', ...lines)),
        new Set(['start', 'test', 'lint']),
        (path) => path === 'a.ts' || path === '.ci/run',
      );
    const fine = [
      'npm install && npm test',
      '$ npm run lint # why',
      'PORT=80 npm start',
      'npx tsx a.ts',
      'bash .ci/run',
      'curl -d a=b \\',
      '  x',
    ];
    assert.deepEqual(check(...fine), []);
    assert.equal(check('npm run nothing', 'npm nothing', 'npm install && npm run nothing', 'make').length, 4);
    assert.equal(check('npx tsx b.ts', 'node', 'npx something', 'bash .ci/walk').length, 4);
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

  it('links that lead nowhere, outside of code', () => {
    const files: Readonly<Record<string, string>> = {
      'docs/page.md': '',
      'docs/a.md': '# One `two`, three\n## Again\n## Again\n',
      'test/b.test.ts': "it('says so', () => {})",
      docs: '',
    };
    const check = (text: string) => deadLinks(text, 'docs/page.md', (path) => files[path]);
    assert.deepEqual(check('[a](a.md#one-two-three) [b](./a.md#again-1) [c](https://c.example) `[d](d)` [e](..)'), [
      'docs/page.md: . is not there',
    ]);
    assert.deepEqual(check(`${block('text', '[f](f)')}[g](g.md "title") ![h](h.png)`), [
      'docs/page.md: docs/g.md is not there',
      'docs/page.md: docs/h.png is not there',
    ]);
    assert.deepEqual(check('[a](a.md#two) [here](#nowhere)').length, 2);
    assert.deepEqual(check('[says so](../test/b.test.ts) [test/b.test.ts](../test/b.test.ts)'), []);
    assert.deepEqual(check('[says no](../test/b.test.ts)').length, 1);
  });

  describe('answers that are not as they say', () => {
    const koa = () =>
      new Koa().use((ctx) => {
        ctx.set('X-Token', 'abc def');
        const times = { at: 1_767_225_600, expires_in: 60, authorization_expires_in: 99 };
        ctx.body = { token: 'abc', ...times, asked: ctx.query['again'] ?? '' };
      });
    const times = '"at": 2000000000, "expires_in": 60, "authorization_expires_in": 100';
    const body = `{ "token": "...", ${times}, "asked": "" }`;
    const changed = (from: string, to: string) => ['HTTP/1.1 200 OK', '', body.replace(from, to)];
    const answer = (...lines: string[]) => ['GET / HTTP/1.1', '', ...lines].join('\n');
    const refused: readonly (readonly [what: string, lines: readonly string[]])[] = [
      ['another status', ['HTTP/1.1 404 Not Found']],
      ['another header', ['HTTP/1.1 200 OK', 'X-Token: ab']],
      ['nothing where there is to be something', ['HTTP/1.1 200 OK', 'X-Token: abc def...']],
      ['another member', changed('"..."', '"abd"')],
      ['a member less', changed(', "asked": ""', '')],
      ['a time that is not a number', changed('2000000000', '5')],
      ['another lifetime', changed('60', '61')],
      ['more that is left than there was', changed('100', '98')],
      ['much less that is left than there was', changed('100', '200')],
    ];
    for (const [what, lines] of refused) {
      it(what, async () => {
        await assert.rejects(conversation(koa())(answer(...lines)), { code: 'ERR_ASSERTION' });
      });
    }

    it('and takes those that are, with what an earlier one had', async () => {
      const send = conversation(koa());
      await send(answer('HTTP/1.1 200 OK', 'X-Token: abc', '  ...', '', body));
      await send(`GET /?again={token} HTTP/1.1\n\nHTTP/1.1 200 OK\n\n${body.replace('""', '"abc"')}`);
    });

    it('and what is not a request with its answer', async () => {
      await assert.rejects(conversation(koa())('HTTP/1.1 200 OK'), /a request and its answer/);
    });
  });

  it('code that does not compile, at its line', async function () {
    this.timeout(60_000);
    const markdown = [
      block('ts name=first', 'const first: number = 1;'),
      block('ts continues=first', 'const second: string = first;'),
      block('js', 'const first = 3;'),
      block('ts', "import { noSuchName } from 'koauthorize';"),
    ].join('');
    const { ok, output } = await write('docs-refused', [toPage('docs/a.md', markdown)]).compile();
    assert.ok(!ok);
    assert.deepEqual([...output.matchAll(/docs-a\/line-\d+\.ts\(\d+,\d+\): error TS\d+/g)].flat().sort(), [
      'docs-a/line-11.ts(11,10): error TS2305',
      'docs-a/line-5.ts(5,7): error TS2322',
    ]);
  });
});
