import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, posix, relative, sep } from 'node:path';
import { readEntries } from '../build/entries.js';
import { allEntries, specifier } from './public-names.js';
import { linksOf } from './readme/links.js';
import { pages } from './readme/pages.js';
import { node, root, run, tsc } from './run.js';
import { packedTarball } from './support/tarball.js';

const entries = Object.entries(allEntries());

/** A consumer that is as strict as a compiler can be told to be, its dependencies' declarations included. */
const consumer = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noImplicitOverride: true,
    noPropertyAccessFromIndexSignature: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    allowUnreachableCode: false,
    verbatimModuleSyntax: true,
    isolatedModules: true,
  },
  include: ['*.ts', '*.cts'],
};

/** An ES module that names every public name, and puts the package to its first use. */
function esmConsumer(): string {
  const named = entries.map(([entry, { values, types }], index) => {
    const from = `from '${specifier(entry)}';`;
    return [
      ...(types.length > 0
        ? [`export type { ${types.map((name) => `${name} as T${index}${name}`).join(', ')} } ${from}`]
        : []),
      ...(values.length > 0
        ? [`export { ${values.map((name) => `${name} as v${index}${name}`).join(', ')} } ${from}`]
        : []),
    ].join('\n');
  });
  return `${named.join('\n')}
import Koa from 'koa';
import { createServer, exchange, grant, pkce } from 'koauthorize';
import manifest from 'koauthorize/package.json' with { type: 'json' };

const app: Koa = new Koa();
const server = createServer();
server.grant(grant.code(() => 'code')).exchange(exchange.clientCredentials(() => 'token')).extend(pkce());
app.use(server.errorHandler()).use(server.token());
// @ts-expect-error a server is no number: were the package typed \`any\`, this line would fail the compilation
export const wrong: number = server;
export const version: string = manifest.version;
`;
}

/** A CommonJS module, as Node 20.19 can load an ES module. */
const cjsConsumer = `import koauthorize = require('koauthorize');
const server = koauthorize.createServer();
// @ts-expect-error
const wrong: number = server;
module.exports = { server, wrong };
`;

/** Prints the names of every entry as JSON; \`load\` is how the module system at hand gets at one. */
function printNames(load: string): string {
  const specifiers = entries.map(([entry]) => specifier(entry));
  return `(async () => {
  const names = {};
  for (const name of ${JSON.stringify(specifiers)}) names[name] = Object.keys(await ${load}(name)).sort();
  console.log(JSON.stringify(names));
})();`;
}

/** Prints public functions that have another name than they are exported by, and the names of middleware. */
const functionNames = `import { createServer, exchange, grant, requestTarget } from 'koauthorize';
import { clientAuthentication, none } from 'koauthorize/client-auth';
import { bearer, requireAuthentication, requireScope } from 'koauthorize/resource-server';

const renamed = [];
for (const specifier of ${JSON.stringify(entries.map(([entry]) => specifier(entry)))})
  for (const [name, value] of Object.entries(await import(specifier)))
    if (typeof value === 'function' && value.name !== name) renamed.push([specifier, name, value.name]);
const server = createServer().grant(grant.code(() => 'code')).exchange(exchange.clientCredentials(() => 'token'));
const middleware = [
  server.errorHandler(),
  ...[server.authorization(() => false), server.decision()].map((steps) => [steps].flat().at(-1)),
  server.token(),
  clientAuthentication({ server, find: () => undefined, methods: [none()] }),
  bearer({ verify: () => undefined }),
  ...[server.authorizationErrorHandler(), requestTarget(), requireScope('mail'), requireAuthentication({ maxAge: 60 })],
];
console.log(JSON.stringify({ renamed, middleware: middleware.map(({ name }) => name) }));
`;

describe('the packed tarball', function () {
  this.timeout(300_000);
  let directory: string;
  let installed: string;

  before(async () => {
    const tarball = await packedTarball();
    directory = mkdtempSync(join(tmpdir(), 'koauthorize-pack-'));
    const home = join(directory, 'consumer');
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
    const others = ['koa@3', '@types/koa@3', '@types/node@20'];
    const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
    const install = await run('npm', ['install', ...flags, tarball, ...others], home);
    assert.ok(install.ok, install.output);
    directory = home;
    installed = join(home, 'node_modules', 'koauthorize');
  });

  after(() => {
    if (installed !== undefined) {
      rmSync(join(directory, '..'), { recursive: true, force: true });
    }
  });

  function files(): string[] {
    return readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  }

  it('holds dist/, the pages of docs/ and four files, and nothing else', () => {
    const of = (folder: string): string[] => files().filter((path) => path.startsWith(folder));
    const rest = files().filter((path) => !/^(?:dist|docs)\//.test(path));
    assert.deepEqual(rest, ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    assert.deepEqual(
      of('dist/').filter((path) => !/\.(js|d\.ts|js\.map|d\.ts\.map)$/.test(path)),
      [],
    );
    const inRepository = pages().flatMap(({ path }) => (path.startsWith('docs/') ? [path] : []));
    assert.deepEqual(of('docs/'), inRepository.sort());
  });

  it('has pages whose links lead to a file of the package, or to what only the repository has', () => {
    const there = new Set(files());
    const read = (path: string): string => readFileSync(join(installed, path), 'utf8');
    const markdown = files().filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
    assert.ok(markdown.length > 30, `${markdown.length}`);
    const isOfRepository = (path: string): boolean =>
      /^(?:\.ci|bench|docs\/images|examples|lib|test)(?:\/|$)|^(?:CONTRIBUTING|SECURITY)\.md$/.test(path);
    const dead = markdown.flatMap((page) =>
      linksOf(read(page), page)
        .filter(({ path }) => !there.has(path) && !isOfRepository(path))
        .map(({ path }) => `${page}: ${path}`),
    );
    assert.deepEqual(dead, []);
  });

  it('holds the declarations of each source, left over from no earlier build', () => {
    const declared = files().flatMap((path) => /^dist\/(.*)\.d\.ts$/.exec(path)?.[1] ?? []);
    const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
    assert.ok(declared.length > 0);
    assert.deepEqual(
      declared.sort(),
      sources.flatMap((path) => /^(.*)\.ts$/.exec(path.split(sep).join('/'))?.[1] ?? []).sort(),
    );
  });

  it('holds JavaScript for the entries and the program alone, and what they share', () => {
    const modules = files().flatMap((path) => /^dist\/(?!chunks\/)(.*)\.js$/.exec(path)?.[1] ?? []);
    assert.deepEqual(modules.sort(), [...readEntries().map(({ path }) => path), 'command/main'].sort());
  });

  it('has no source in two files: an error is of one class, whatever entry it comes from', () => {
    const maps = files().filter((path) => path.endsWith('.js.map'));
    const sources = maps.flatMap((path) => {
      const { sources }: { sources: string[] } = JSON.parse(readFileSync(join(installed, path), 'utf8'));
      return sources.map((source) => posix.join(posix.dirname(path), source));
    });
    assert.ok(sources.includes('lib/errors/oauth2-error.ts'));
    assert.deepEqual(
      sources.filter((source, index) => sources.indexOf(source) !== index),
      [],
    );
  });

  it('is loaded from few files, for each takes time: the server from fewer than 20, what lets requests into an API from fewer than 10', () => {
    const chunks = (entry: string, found = new Set<string>()): ReadonlySet<string> => {
      if (found.has(entry)) return found;
      found.add(entry);
      const text = readFileSync(join(installed, entry), 'utf8');
      for (const [, path = ''] of text.matchAll(/^(?:import|export|\}).* ?["'](\.[^"']+)["'];$/gm))
        chunks(posix.join(posix.dirname(entry), path), found);
      return found;
    };
    const [server, api] = ['dist/index.js', 'dist/resource-server/index.js'].map((entry) => chunks(entry).size);
    assert.ok(server && server > 2 && server < 20, `${server}`);
    assert.ok(api && api > 2 && api < 10, `${api}`);
  });

  it('gives away nothing of the machine that built it', () => {
    for (const path of files()) {
      const text = readFileSync(join(installed, path), 'utf8');
      for (const secret of [
        root,
        ...(homedir().length > 1 ? [`${homedir()}/`] : []),
        'PRIVATE KEY',
        'npm_token',
        '_authToken',
      ]) {
        assert.ok(!text.includes(secret), `${path} contains ${secret}`);
      }
    }
  });

  it('asks for debug, jose and koa-compose, and runs no script when it is installed', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    assert.deepEqual(Object.keys(manifest['dependencies'] ?? {}).sort(), ['debug', 'jose', 'koa-compose']);
    assert.deepEqual(Object.keys(manifest['peerDependencies'] ?? {}).sort(), [
      '@opentelemetry/api',
      '@types/koa',
      'koa',
      'lmdb',
      'pg',
      'redis',
    ]);
    const scripts = Object.keys(manifest['scripts'] ?? {});
    assert.deepEqual(
      scripts.filter((name) => /^(pre|post)?install$|^prepare$/.test(name)),
      [],
    );
  });

  const expected = Object.fromEntries(entries.map(([entry, { values }]) => [specifier(entry), [...values].sort()]));

  it('exports every public name to import', async () => {
    writeFileSync(join(directory, 'names.mjs'), printNames('import'));
    const { ok, stdout, output } = await node(['names.mjs'], directory);
    assert.ok(ok, output);
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  it('exports every public name to require()', async () => {
    writeFileSync(join(directory, 'names.cjs'), printNames('require'));
    const { ok, stdout, output } = await node(['names.cjs'], directory);
    assert.ok(ok, output);
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  it('has functions of their public names, and middleware of those that the doctor knows, whatever shares their file', async () => {
    writeFileSync(join(directory, 'functions.mjs'), functionNames);
    const { ok, stdout, output } = await node(['functions.mjs'], directory);
    assert.ok(ok, output);
    const known = ['errorHandler', 'authorization', 'decision', 'token', 'clientAuthentication', 'bearer'];
    const middleware = [
      ...known,
      'authorizationErrorHandler',
      'requestTarget',
      'requireScope',
      'requireAuthentication',
    ];
    assert.deepEqual(JSON.parse(stdout), { renamed: [], middleware });
  });

  it('compiles for the strictest ES module and for CommonJS, without skipLibCheck', async () => {
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(consumer));
    writeFileSync(join(directory, 'consumer.ts'), esmConsumer());
    writeFileSync(join(directory, 'common.cts'), cjsConsumer);
    const { ok, output } = await tsc(['-p', directory], directory);
    assert.ok(ok, output);
  });

  it('is enough for extensions of a third party', async () => {
    const folder = join(root, 'test', 'third-party');
    const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    assert.ok(sources.length > 0);
    for (const name of sources) writeFileSync(join(directory, name), readFileSync(join(folder, name)));
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(consumer));
    const { ok, output } = await tsc(['-p', directory], directory);
    assert.ok(ok, output);
  });

  it('has declarations that say something: what is not exported does not compile', async () => {
    writeFileSync(join(directory, 'consumer.ts'), "import { noSuchName } from 'koauthorize';\nnoSuchName();\n");
    const { ok, output } = await tsc(['-p', directory], directory);
    assert.ok(!ok);
    assert.match(output, /noSuchName/);
  });
});
