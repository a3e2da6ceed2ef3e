/**
 * `npm run build`, once tsc has written the declarations: the JavaScript of the package, in few files. Node 20 takes 0.5 ms of CPU to find, read and
 * link each module: lib/, as it is, was more than half of the time from the start of a server to its first answer.
 *
 * Each entry stands where package.json says, and only names what a shared file exports: no source is in two files, so there is one `OAuth2Error`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { type Entry, ROOT, readEntries } from './entries.js';

const DIST = join(ROOT, 'dist');

/** Files that are no entries: the program is started by its path. */
const PROGRAM = 'command/main';
/** Entries for other processes than servers, each with a file of its own. */
const TOOLS = ['testing/index', 'doctor/index'];
/** Entries that are enough for an API which only lets requests in. All others share the file of the server. */
const API = ['resource-server/index', 'extension/protected-resource/index'];

const usual = {
  absWorkingDir: ROOT,
  outdir: DIST,
  outbase: 'lib',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  packages: 'external',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  metafile: true,
  logOverride: { 'ignored-bare-import': 'silent' }, // of files that only declare types
} as const satisfies BuildOptions;

/** Entries by the file that has their code: its path below dist/, without the ending. */
type Shared = Readonly<Record<string, readonly Entry[]>>;

function sharedBy(entries: readonly Entry[]): Shared {
  const rest = entries.filter(({ path }) => !TOOLS.includes(path));
  return {
    'chunks/server': rest.filter(({ path }) => !API.includes(path)),
    'chunks/api': rest.filter(({ path }) => API.includes(path)),
  };
}

const sourceOf = (path: string): string => `lib/${path}.ts`;

/** The source of a shared file, which is on no disk: everything that its entries export. */
function sourcesOf(shared: Shared): Plugin {
  return {
    name: 'shared',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^chunks\// }, ({ path }) => ({ path, namespace: 'shared' }));
      onLoad({ filter: /^/, namespace: 'shared' }, ({ path }) => ({
        contents: shared[path]?.map((entry) => `export * from './${sourceOf(entry.path)}';`).join('\n') ?? '',
        resolveDir: ROOT,
      }));
    },
  };
}

/** What the file of a source exports. */
function namesIn({ outputs }: Metafile, entryPoint: string): readonly string[] {
  const output = Object.values(outputs).find((one) => one.entryPoint === entryPoint);
  if (!output) throw new Error(`${entryPoint} was not built`);
  return output.exports;
}

/** @throws Error where two entries of the file have different things of one name, which `export *` leaves out */
function writeEntry(
  { path, specifier }: Entry,
  names: readonly string[],
  file: string,
  there: readonly string[],
): void {
  const lacking = names.filter((name) => !there.includes(name));
  if (lacking.length > 0) throw new Error(`${file}.js does not export ${lacking.join(', ')} of ${specifier}`);
  const target = join(DIST, `${path}.js`);
  const from = relative(dirname(target), join(DIST, `${file}.js`)).replaceAll('\\', '/');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(
    target,
    `export {\n${names.map((name) => `  ${name},\n`).join('')}} from '${from.replace(/^(?!\.)/, './')}';\n`,
  );
}

const entries = readEntries();
const shared = sharedBy(entries);
const alone = [...TOOLS, PROGRAM].map(sourceOf);
const apart = await build({ ...usual, entryPoints: entries.map(({ path }) => sourceOf(path)), write: false });
const built = await build({
  ...usual,
  plugins: [sourcesOf(shared)],
  entryPoints: [...Object.keys(shared), ...alone].map((path) => ({ in: path, out: path.replace(/^lib\/|\.ts$/g, '') })),
});
for (const [file, those] of Object.entries(shared))
  for (const entry of those)
    writeEntry(entry, namesIn(apart.metafile, sourceOf(entry.path)), file, namesIn(built.metafile, `shared:${file}`));
