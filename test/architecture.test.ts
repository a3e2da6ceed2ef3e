import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readEntries } from '../build/entries.js';
import * as rules from './architecture/rules.js';
import { readSource, type Source } from './architecture/source.js';
import { extensionWords } from './architecture/words.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const lib = join(root, 'lib');

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The folders that .gitignore names, and that of git. */
const NOT_OURS: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', 'coverage', 'output']);

/** The files of the repository. */
function filesOfRepository(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesOfRepository(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The files of lib/ that package.json names: those of `exports`, and the program of `bin`. */
function entriesOfPackage(): string[] {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const programs = Object.values(bin).map((path) => path.replace(/^dist\/|\.js$/g, ''));
  return [...readEntries().map(({ path }) => path), ...programs].map((path) => `${path}.ts`);
}

function declaredPackages(): Set<string> {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  return new Set([...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})]);
}

/** A made-up lib/ in which only the given files are interesting. */
function tree(files: Record<string, string>): Source[] {
  return Object.entries(files).map(([path, text]) => readSource(path, text));
}

function readLib(): Source[] {
  return filesBelow(lib)
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readSource(path, readFileSync(join(lib, path), 'utf8')));
}

describe('architecture', () => {
  const files = filesBelow(lib);
  const sources = readLib();

  it('finds lib/, in TypeScript only', () => {
    assert.ok(sources.length > 10, `only ${sources.length} files in lib/`);
    assert.ok(sources.some(({ mentions }) => mentions.length > 0));
    assert.deepEqual(
      files.filter((path) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/.test(path)),
      [],
    );
    assert.deepEqual(rules.unreadable(sources), []);
  });

  it('every file stands in a room of the table', () => {
    assert.deepEqual(rules.roomless(sources), []);
  });

  it('every import goes to its own room or down, and extensions never import each other', () => {
    assert.deepEqual(rules.importViolations(sources), []);
  });

  it('every file is an entry of package.json, or is imported by what an entry reaches', () => {
    assert.deepEqual(rules.unusedFiles(sources, entriesOfPackage()), []);
  });

  it('no file of the repository has a merge marker', () => {
    const paths = filesOfRepository(root);
    assert.ok(paths.length > files.length, `only ${paths.length} files in the repository`);
    assert.deepEqual(
      paths.flatMap((path) => rules.mergeMarkers(relative(root, path), readFileSync(path, 'utf8'))),
      [],
    );
  });

  it('imports only declared packages; drivers are loaded by their store alone', () => {
    assert.deepEqual(rules.packageViolations(sources, declaredPackages()), []);
  });

  it('the spine names no extension, and nothing that only extensions read or add', () => {
    assert.deepEqual(rules.spineWords(sources), []);
  });

  it('no file over 200 lines, no function of 40', () => {
    assert.deepEqual([...rules.longFiles(sources), ...rules.longFunctions(sources)], []);
  });

  it('no any, no default export, no abstract class but errors, no utils, nothing left to do', () => {
    assert.deepEqual(rules.unwantedShapes(sources), []);
    assert.deepEqual(rules.unwantedNames(sources), []);
    assert.deepEqual(rules.leftovers(sources), []);
  });

  it('no request lives on in a weak collection', () => {
    assert.deepEqual(rules.weakCollections(sources), []);
  });

  it(`the median file has at most 60 lines of code (${sources.length} files, now ${rules.medianCodeLines(sources)})`, () => {
    assert.ok(rules.medianCodeLines(sources) <= rules.limits.medianCodeLines);
  });

  // Also what makes the coverage count files that hold nothing but types, and files that no test imports.
  it('every file can be loaded by itself and has no default export', async () => {
    for (const { path } of sources) {
      const module: object = await import(pathToFileURL(join(lib, path)).href);
      assert.ok(!('default' in module), path);
    }
  });
});

describe('architecture: what the rules refuse', () => {
  const declared = new Set(['koa', 'debug']);
  const floor = {
    'types.ts': 'export interface A {}',
    'errors/oauth2-error.ts': 'export class OAuth2Error extends Error {}',
    'http/params.ts': 'export const params = 1;',
    'grant/code.ts': 'export const code = 1;',
    'extension/pkce/server.ts': 'export const pkce = 1;',
    'extension/dpop/index.ts': "import './proof.js';",
    'extension/dpop/proof.ts': 'export const proof = 1;',
    'client-auth/basic.ts': 'export const basic = 1;',
    'server.ts': "import './grant/code.js';",
    'index.ts': "export { pkce } from './extension/pkce/server.js';",
  };

  const imports: [path: string, text: string, refused: RegExp | undefined][] = [
    ['index.ts', "import './server.js';", undefined],
    ['grant/token.ts', "import './code.js';", undefined],
    ['extension/issuer/server.ts', "import '../../http/params.js';", undefined],
    [
      'extension/issuer/server.ts',
      "declare module '../../types.js' { interface A { readonly b?: string } }",
      undefined,
    ],
    ['types.ts', "import type { OAuth2Error } from './errors/oauth2-error.js';", undefined],
    ['token-service/service.ts', "import { params } from '../http/params.js';", undefined],
    ['token-service/service.ts', "import type { code } from '../grant/code.js';", undefined],
    ['errors/index.ts', "import '../http/params.js';", /from row 1 \(errors\) to row 2 \(http\)/],
    ['errors/index.ts', "export * from '../http/params.js';", /to row 2/],
    ['errors/index.ts', "export { params } from '../http/params.js';", /to row 2/],
    ['errors/index.ts', "export type { params } from '../http/params.js';", /to row 2/],
    ['errors/index.ts', "import type { params } from '../http/params.js';", /to row 2/],
    ['errors/index.ts', "type P = import('../http/params.js').P;", /to row 2/],
    ['errors/index.ts', "await import('../http/params.js');", /to row 2/],
    ['errors/index.ts', "require('../http/params.js');", /to row 2/],
    ['errors/index.ts', "declare module '../http/params.js' { interface P {} }", /to row 2/],
    ['token/token.ts', "import '../grant/code.js';", /from row 4 \(token\) to row 4 \(grant\)/],
    ['grant/token.ts', "import '../extension/pkce/server.js';", /to row 6/],
    ['server.ts', "import './extension/pkce/server.js';", /spine never imports/],
    ['server.ts', "import type { basic } from './client-auth/basic.js';", /spine never imports/],
    ['extension/issuer/server.ts', "import '../pkce/server.js';", /extensions never import each other/],
    [
      'extension/issuer/server.ts',
      "import type { pkce } from '../pkce/server.js';",
      /extensions never import each other/,
    ],
    ['extension/issuer/server.ts', "import '../dpop/proof.js';", /extensions never import each other/],
    ['types.ts', "import { OAuth2Error } from './errors/oauth2-error.js';", /types.ts imports no code/],
    ['types.ts', "import { type OAuth2Error } from './errors/oauth2-error.js';", /types.ts imports no code/],
    ['token-service/service.ts', "import { code } from '../grant/code.js';", /only the types/],
    ['grant/token.ts', "import './missing.js';", /does not exist/],
    ['grant/token.ts', "import '../../test/secret.js';", /does not exist/],
  ];
  for (const [path, text, refused] of imports) {
    it(`${refused ? 'refuses' : 'allows'} ${text} in ${path}`, () => {
      const found = rules.importViolations(tree({ ...floor, [path]: text }));
      assert.equal(found.length, refused ? 1 : 0, found.join('\n'));
      if (refused) {
        assert.match(found[0] ?? '', refused);
      }
    });
  }

  it('refuses a file that nothing imports, or only another such file, and is no entry', () => {
    const used = tree({ ...floor, 'server.ts': "import './http/params.js';" });
    const dead = tree({
      'grant/draw.ts': "import './page.js';",
      'grant/page.ts': "import type { A } from '../types.js';",
    });
    const unused = (entries: string[]) => rules.unusedFiles([...used, ...dead], ['index.ts', 'server.ts', ...entries]);
    const living = ['types.ts', 'errors/oauth2-error.ts', 'grant/code.ts', 'client-auth/basic.ts'];
    const dpop = ['extension/dpop/index.ts'];
    assert.deepEqual(
      unused([...living, ...dpop]),
      ['grant/draw.ts', 'grant/page.ts'].map((path) => `${path} is imported by no entry`),
    );
    assert.deepEqual(unused([...living, ...dpop, 'grant/draw.ts']), []);
    assert.deepEqual(
      unused([...living, 'grant/draw.ts']),
      ['extension/dpop/index.ts', 'extension/dpop/proof.ts'].map((path) => `${path} is imported by no entry`),
    );
  });

  it('refuses the markers that a merge leaves at the start of a line', () => {
    const markers = ['<', '|', '>'].map((mark) => mark.repeat(7));
    for (const marker of markers) {
      const text = `const a = 1;\n${marker} main\nconst b = 2;`;
      assert.deepEqual(rules.mergeMarkers('docs/x.md', text), [`docs/x.md:2 has the merge marker ${marker}`]);
      assert.equal(rules.mergeMarkers('docs/x.md', marker).length, 1);
      assert.deepEqual(rules.mergeMarkers('docs/x.md', ` ${marker} | ${marker}`), []);
    }
    assert.deepEqual(rules.mergeMarkers('docs/x.md', 'Title\n=======\n<<<<<< six'), []);
  });

  const packages: [path: string, text: string, refused: boolean][] = [
    ['http/params.ts', "import debug from 'debug';", false],
    ['http/params.ts', "import { hash } from 'node:crypto';", false],
    ['types.ts', "import type { Context } from 'koa';", false],
    ['token-service/store/lmdb.ts', "await import('lmdb');", false],
    ['token-service/store/postgres.ts', "import type { Pool } from 'pg';", false],
    ['token-service/index.ts', "import { Pool } from 'pg';", true],
    ['extension/par.ts', "await import('redis');", true],
    ['http/params.ts', "import { parse } from 'qs';", true],
    ['http/params.ts', "import type { P } from '@types/qs';", true],
    ['http/params.ts', "import { pkce } from 'koauthorize';", true],
    ['http/params.ts', "import { hash } from 'crypto';", true],
    ['http/params.ts', 'await import(process.argv[2]);', true],
    ['types.ts', "import Koa from 'koa';", true],
  ];
  for (const [path, text, refused] of packages) {
    it(`${refused ? 'refuses' : 'allows'} ${text} in ${path}`, () => {
      assert.equal(rules.packageViolations(tree({ [path]: text }), declared).length, refused ? 1 : 0);
    });
  }

  describe('words of extensions, which are derived from what extensions declare', () => {
    const extension = `
      declare module '../../types.js' {
        interface AuthorizationRequest { readonly mergedMember?: string }
        interface ServerMetadata { readonly things_supported?: boolean }
      }
      declare module '../../core.js' { interface EndpointURLs { readonly enrolment?: string } }
      declare module '../../errors/codes.js' { interface TokenErrorCodes { merged_code: 400 } }
      export const made = {
        name: 'Made-Up', spec: 'RFC 0',
        parameters: ['listed_parameter', 'resource'], repeatable: ['repeated_parameter'], adds: ['confirmation.x#1'],
        errors: { declared_code: 403 },
        token: { parse: (params) => params.get('read_parameter') ?? new TokenError('message', 'thrown_code') },
        responseModes: [{ name: 'jwt' }],
      };`;
    const types = 'export interface AuthorizationRequest { readonly scope?: string; readonly metadata?: string }';
    const found = (path: string, text: string): string[] =>
      rules.spineWords(tree({ 'types.ts': types, 'extension/x/server.ts': extension, [path]: text }));

    const spine = [
      'http/params.ts',
      'registry/registry.ts',
      'server.ts',
      'state.ts',
      'token/token.ts',
      'exchange/password.ts',
    ];
    const refused = [
      "const a = 'listed_parameter';",
      '// repeated_parameter',
      "params.get('read_parameter');",
      'const { mergedMember } = areq;',
      'const a = { ...b, mergedMember };',
      'interface A { readonly mergedMember?: string }',
      'const a = b.things_supported;',
      '// the client gets merged_code',
      "throw new TokenError('message', 'declared_code');",
      "throw new TokenError('message', 'thrown_code');",
      "const bound = confirmation['x#1'];",
      "const grant = { expects: 'made-up' };",
      '// what the MADE-UP extension does',
      "const a = 'This needs made-up';",
      '/** @example server.extend(it) @see made-up */',
      '// the enrolment endpoint',
      "params.get('resource');",
      'const { resource } = request;',
      'const a = request.resource;',
    ];
    for (const text of refused) {
      it(`refuses ${text} in the spine, and only there`, () => {
        for (const path of spine) assert.equal(found(path, text).length, 1, `${path}: ${found(path, text)}`);
        for (const path of ['extension/y/server.ts', 'token-service/x.ts', 'keys/x.ts', 'index.ts', 'testing/x.ts'])
          assert.deepEqual(found(path, text), [], path);
      });
    }

    const allowed = [
      '// the owner of a protected resource',
      'const { scope, metadata } = request;',
      'ctx.cookies.set(name, value, { mergedMember: 1 });',
      '/** @example server.extend(made-up()) */',
      '// a JWT',
      "const a = 'unlisted_parameter, listed_parameters';",
    ];
    for (const text of allowed) {
      it(`allows ${text}`, () => {
        for (const path of spine) assert.deepEqual(found(path, text), [], path);
      });
    }

    it('clients/ may name the members of the metadata, by which clients register, and nothing else', () => {
      assert.deepEqual(found('clients/registration.ts', "restricts(client, 'things_supported');"), []);
      assert.equal(found('clients/registration.ts', "const a = 'listed_parameter';").length, 1);
    });

    it('of this package, finds those of every extension that adds or reads something', () => {
      const { names, distinct, metadata } = extensionWords(readLib());
      for (const name of ['pkce', 'stepUp', 'introspection', 'revocation']) assert.ok(names.has(name), name);
      for (const word of ['code_challenge', 'codeChallenge', 'code_verifier', 'max_age', 'acrValues', 'x5t#S256'])
        assert.ok(distinct.has(word), word);
      for (const word of ['issuer', 'prompt', 'metadata', 'scopes', 'scope', 'confirmation'])
        assert.ok(!names.has(word) && !distinct.has(word), word);
      assert.ok(metadata.has('code_challenge_methods_supported'));
    });
  });

  it('refuses a room that is not in the table', () => {
    assert.equal(rules.roomless(tree({ 'services/x.ts': '', 'main.ts': '', 'http/x.ts': '' })).length, 2);
  });

  it('refuses any, default exports and abstract classes', () => {
    const bad = [
      'export const a: any = 1;',
      'export function f(a: Map<string, any[]>) {}',
      'export default 1;',
      'const a = 1; export { a as default };',
      "export { a as default } from './x.js';",
      'export abstract class A {}',
    ];
    for (const text of bad) {
      assert.equal(rules.unwantedShapes(tree({ 'http/x.ts': text })).length, 1, text);
    }
    assert.deepEqual(rules.unwantedShapes(tree({ 'errors/x.ts': '/* any */ export abstract class A {}' })), []);
  });

  it('refuses utils, helpers, and work left over', () => {
    assert.equal(
      rules.unwantedNames(tree({ 'http/utils.ts': '', 'helpers/x.ts': '', 'http/helper.ts': '' })).length,
      3,
    );
    assert.equal(rules.leftovers(tree({ 'http/x.ts': '// TODO later\n/* FIXME */ const a = "XXX";' })).length, 3);
  });

  it('see weak collections', () => {
    assert.equal(rules.weakCollections(tree({ 'http/x.ts': 'new WeakMap();\nnew WeakSet<object>();' })).length, 2);
  });

  it('measures files and functions', () => {
    const body = (lines: number) => `{\n${'  void 0;\n'.repeat(lines - 2)}}`;
    const shapes = [
      (lines: number) => `export function f() ${body(lines)}`,
      (lines: number) => `export const f = async () => ${body(lines)};`,
      (lines: number) => `export class A { m() ${body(lines)} }`,
      (lines: number) => `export const a = { m() ${body(lines)} };`,
    ];
    for (const shape of shapes) {
      assert.deepEqual(rules.longFunctions(tree({ 'http/x.ts': shape(39) })), []);
      assert.equal(rules.longFunctions(tree({ 'http/x.ts': shape(40) })).length, 1, shape(40));
    }
    assert.deepEqual(rules.longFiles(tree({ 'http/x.ts': 'void 0;\n'.repeat(200) })), []);
    assert.equal(rules.longFiles(tree({ 'http/x.ts': 'void 0;\n'.repeat(201) })).length, 1);
  });

  it('counts code, not comments', () => {
    const text =
      '/** A\n * comment.\n */\nexport const a = 1; // why\n\n// line\nexport const b = `\n// not a comment\n`;\n';
    const median = (...texts: string[]) =>
      rules.medianCodeLines(texts.map((each, i) => readSource(`http/${i}.ts`, each)));
    assert.equal(median(text), 4);
    assert.equal(median(text, ''), 2);
    assert.equal(median(text, '', 'void 0;'), 1);
    assert.ok(Number.isNaN(median()));
  });

  it('refuses what it cannot parse', () => {
    assert.equal(rules.unreadable(tree({ 'http/x.ts': 'export const = 1;' })).length, 1);
  });
});
