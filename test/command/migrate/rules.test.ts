/** The rules of `koauthorize migrate`: each finds its line, and what it says to write compiles and runs. */
import assert from 'node:assert/strict';
import { generateSigningKey } from 'koauthorize/tokens';
import { LIBRARIES } from '../../../lib/command/migrate/libraries.js';
import { deadLinks } from '../../readme/links.js';
import { type Page, textOf, toPage, type Written, write } from '../../readme/pages.js';
import { foundIn, newProject, type Project } from './project.js';
import { SAMPLES } from './samples.js';

/** The blocks of a page by the rule that each is of. */
function pageOf({ name, frame, rules }: (typeof LIBRARIES)[number]): Page {
  const codes = rules.flatMap((rule) => [
    { of: rule.name, code: rule.write },
    ...(rule.relaxation ? [{ of: `${rule.name}-relaxed`, code: rule.relaxation.write }] : []),
  ]);
  const blocks = codes.map(({ of, code }) => `\`\`\`ts name=${of}\n${frame}\n${code}\nserver.check();\n\`\`\`\n`);
  return toPage(`${name.replace(/\W/g, '-')}.md`, blocks.join('\n'));
}

/** The parts that an ordinary project has. */
const ORDINARY: Readonly<Record<string, string>> = {
  oauth2orize:
    'create-server grant-code grant-token exchange-code exchange-refresh-token exchange-client-credentials exchange-password immediate authorization decision token error-handler serialize-client passport-client passport-bearer',
  '@jmondi/oauth2-server':
    'create-server enable-grants grant-implicit grant-password client-repository token-repository scope-repository user-repository authorize complete token revoke introspect',
  '@node-oauth/oauth2-server':
    'create-server model-client model-code model-refresh-token model-password model-client-credentials authorize token authenticate',
};

const IMPORT = /^import (?:type )?\{ (.*) \} from '(.*)';$/gm;

/** The code of these parts below that of the new server, in one module, as a reader puts it together: a name is imported once, and what one part only declares another one makes. */
function together({ name, frame, rules }: (typeof LIBRARIES)[number], parts: readonly string[]): string {
  const code = parts.map((part) => rules.find((rule) => rule.name === part)?.write ?? `missing(${part})`).join('\n');
  const known = [...frame.matchAll(IMPORT)].map(([, names, from]) => `${names} of ${from}`);
  const imports = [...code.matchAll(IMPORT)].flatMap(([line, names = '', from]) =>
    names
      .split(', ')
      .map((each) => (line.startsWith('import type') ? `type ${each} of ${from}` : `${each} of ${from}`)),
  );
  const lines = [...new Set(imports)]
    .filter((each) => !known.includes(each))
    .map((each) => `import { ${each.replace(' of ', " } from '")}';`);
  const rest = code
    .replace(IMPORT, '')
    .replace(/^declare const (\w+).*\n/gm, (line, made) => (code.includes(`\nconst ${made} =`) ? '' : line));
  const text = `${lines.join('\n')}\n${frame}\n${rest}\nserver.check();`;
  return `\`\`\`ts name=${name.replace(/\W/g, '')}\n${text}\n\`\`\`\n`;
}

const TOGETHER = LIBRARIES.flatMap((library) => {
  const parts = ORDINARY[library.name.replace(/-koa$/, '')]?.split(' ');
  return parts ? [together(library, parts)] : [];
});

const APPLICATION = { clients: { find: () => undefined }, users: { find: () => undefined } };

const signing = generateSigningKey('RS256');

/** What the code only declares stands for what the application has: keys, tables, functions and middleware. */
async function declareGlobals(text: string): Promise<void> {
  for (const [, name = ''] of text.matchAll(/^declare const (\w+)/gm)) {
    const isKey = name === 'privateJWKs';
    Reflect.set(globalThis, name, isKey ? await signing : Object.assign(() => {}, APPLICATION));
  }
}

describe('the rules of koauthorize migrate', () => {
  describe('each finds its line, where the project uses the library', () => {
    let project: Project;
    beforeEach(() => {
      project = newProject();
    });
    afterEach(() => project.remove());

    for (const { name, packages, rules } of LIBRARIES) {
      it(`of ${name}`, async () => {
        const samples = SAMPLES[name] ?? {};
        assert.deepEqual(Object.keys(samples).sort(), rules.map((rule) => rule.name).sort(), 'a sample for each rule');
        const imported = `import library from '${packages[0]}';`;
        const files = Object.entries(samples).map(([rule, line]) => [`${rule}.ts`, `${imported}\n\n${line}\n`]);
        project.write(Object.fromEntries(files));
        const found = foundIn(await project.report());
        for (const rule of Object.keys(samples)) assert.ok(found.includes(`${rule} ${rule}.ts:3`), rule);
      });

      it(`and none where it does not use ${name}`, async () => {
        project.write({ 'all.ts': Object.values(SAMPLES[name] ?? {}).join('\n') });
        assert.deepEqual((await project.report()).libraries, []);
      });
    }
  });

  it('lead to pages that are there, as do the steps', () => {
    const docs = LIBRARIES.flatMap(({ guide, adopt, rules }) => [guide, adopt, ...rules.map((rule) => rule.docs)]);
    const links = docs.map((page) => `[page](${page})`).join(' ');
    assert.deepEqual(deadLinks(links, 'docs/migrate.md', textOf), []);
  });

  describe('what they say to write', () => {
    const all = [...LIBRARIES.map(pageOf), toPage('together.md', TOGETHER.join('\n'))];
    let written: Written;
    before(() => {
      written = write('migrate', all);
    });

    it('compiles', async function () {
      this.timeout(60_000);
      const { ok, output } = await written.compile();
      assert.ok(ok, output);
    });

    for (const page of all)
      it(`runs up to the first request: ${page.path}`, async function () {
        this.timeout(60_000);
        const problems: string[] = [];
        for (const module of page.modules) {
          await declareGlobals(module.text);
          await written.load(page, module).catch((error) => problems.push(`${module.name}: ${error}`));
        }
        assert.deepEqual(problems, []);
      });
  });
});
