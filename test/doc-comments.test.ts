/** What an editor and the API reference show of every public name: what it is, and how it is used. */
import assert from 'node:assert/strict';
import { allExamples, compile, examplesIn } from './reference/examples.js';
import { allExported, type Exported } from './reference/exported.js';

const said = ({ doc }: Exported): string => doc.split(/(?:^|\s)@\w/)[0]?.trim() ?? '';
const listed = (exported: readonly Exported[]): string[] =>
  exported.map(({ entry, name, file }) => `${entry} ${name} (${file})`);

describe('the doc comments', function () {
  this.timeout(120_000);
  const all = allExported();

  it('follow every public name to its declaration', () => {
    const names = new Map(all.map((exported) => [`${exported.entry} ${exported.name}`, exported]));
    assert.ok(names.size > 400, `${names.size}`);
    assert.equal(names.get('koauthorize exchange.code')?.file, 'lib/exchange/authorization-code.ts');
    assert.equal(names.get('koauthorize TokenError')?.isCallable, true);
    assert.equal(names.get('koauthorize PKCEOptions')?.isCallable, false);
    assert.ok(names.has('koauthorize/profile/mcp mcpProfile') && names.has('koauthorize/opentelemetry openTelemetry'));
  });

  it('say what every public name is', () => {
    assert.deepEqual(listed(all.filter((exported) => said(exported).length < 10)), []);
  });

  it('show how each function and class is called', () => {
    assert.deepEqual(listed(all.filter(({ isCallable, doc }) => isCallable && !/@example\s+\S/.test(doc))), []);
  });
});

describe('the examples of doc comments', function () {
  this.timeout(120_000);

  it('compile, against the package and an application', async () => {
    const examples = allExamples();
    assert.ok(examples.length > 150, `${examples.length}`);
    const { ok, output } = await compile('examples', examples);
    assert.ok(ok, output);
  });

  it('would be seen if they did not: a wrong option, a name that nobody has, and an ellipsis', async () => {
    const wrong = [
      'server.extend(pkce({ allowPlane: true }))',
      'server.extend(pkse())',
      'await tokens.revokeAll({ user: 5 n })',
    ];
    const [option, name, syntax] = wrong.map((code, index) => ({ path: `lib/wrong-${index}.ts`, line: 7, code }));
    assert.ok(option && name && syntax);
    const { ok, output } = await compile('wrong-examples', [option, name]);
    assert.equal(ok, false);
    assert.match(output, /lib-wrong-0-line-7\.ts\S* error TS2561: .*allowPlane/);
    assert.match(output, /lib-wrong-1-line-7\.ts\S* error TS2304: Cannot find name 'pkse'/);
    await assert.rejects(async () => compile('wrong-examples', [syntax]), /lib\/wrong-2\.ts:7: /);
  });

  it('end where the next tag begins, or the comment', () => {
    const text =
      '/** What. @example one({ at: "@see" }) @see RFC 1 */\n/**\n * @example\n * two();\n *   three();\n * @throws Error\n * @example four()\n */';
    assert.deepEqual(
      examplesIn('x.ts', text).map(({ line, code }) => [line, code]),
      [
        [1, 'one({ at: "@see" })'],
        [3, 'two();\n  three();'],
        [7, 'four()'],
      ],
    );
  });
});
