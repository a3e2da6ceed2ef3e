import { dirname, join } from 'node:path/posix';
import type { Mention, Source } from './source.js';
import { extensionWords, namings } from './words.js';

/** The rows of the house: an import goes to its own room or to a lower row. */
export const rows: ReadonlyMap<string, number> = new Map([
  ['index', 8],
  ['extending', 8],
  ['testing', 8],
  ['doctor', 8.2], // looks at all of it from outside
  ['command', 8.5], // the program of package.json's bin, which runs what stands in testing
  ['server', 7],
  ['profile', 7.5], // lists of extensions, and a check; what protects an API of that profile
  ['bearer', 7], // to an API what the server is to an authorization server
  ['extension', 6],
  ['token-service', 5],
  ['resource-server', 5],
  ['client-auth', 5],
  ['error-handler', 4.5], // answers for both endpoints
  ['polling', 4.6], // what is polled for is decided as at the authorization endpoint
  ['authorization', 4],
  ['token', 4],
  ['grant', 4],
  ['exchange', 4],
  ['assertion', 3.6],
  ['signed-request', 3.4],
  ['registry', 3.5], // makes the defaults of the rooms below it
  ['clients', 3],
  ['keys', 3.2], // those of clients, too
  ['id-token', 3.3],
  ['login', 3.3],
  ['limits', 3.3],
  ['certificate', 3],
  ['response-mode', 3],
  ['transaction', 3],
  ['http', 2],
  ['state', 2],
  ['refusal', 2.2], // what the operator is told of a request that was refused
  ['syntax', 1.5],
  ['secrets', 1.5],
  ['errors', 1],
  ['clock', 0.9], // of the options, too
  ['options', 1],
  ['oldest-first', 1],
  ['promise', 1],
  ['findings', 0.2],
  ['route', 1],
  ['types', 0],
  ['transaction-store', 0.4],
  ['signing-keys', 0.4],
  ['connected-tokens', 0.45],
  ['access-token', 0.4],
  ['plugs', 0.5],
  ['callbacks', 0.5],
  ['metadata', 0.1],
  ['refusal-rule', 0.1],
  ['steps', 1.1],
  ['core', 1.2],
  ['server-options', 1.3],
]);

/** Rooms a server is given from outside; it imports none of them. */
const pluggedIn: ReadonlySet<string> = new Set(['extension', 'client-auth', 'token-service', 'resource-server']);

/** Rooms for what is plugged in: the spine knows nothing of keys, certificates, assertions, ID tokens, of what is counted, polled for or signed, and of what is asked of logins. */
const notSpine: ReadonlySet<string> = new Set([
  ...['keys', 'certificate', 'assertion', 'id-token', 'limits', 'login'],
  ...['polling', 'signed-request'],
]);

/** Rooms whose code the token service uses; of all others it imports only types. */
const forBatteries: ReadonlySet<string> = new Set([
  'http',
  'syntax',
  'secrets',
  'errors',
  'clients',
  'clock',
  'keys',
  'registry',
  'options',
  'oldest-first',
  'promise',
  'findings',
]);

/** The public index of a part gives the API halves of extensions, too, which stand above the part. */
const publicIndexes: ReadonlySet<string> = new Set(
  ['token-service', 'client-auth', 'resource-server'].map((part) => `${part}/index.ts`),
);

const drivers: ReadonlySet<string> = new Set(['pg', 'redis', 'lmdb']);

export const limits = { fileLines: 200, functionLines: 39, medianCodeLines: 60 } as const;

/** The room of a path below lib/: its first folder, or the name of a file that stands in lib/ itself. */
export function roomOf(path: string): string {
  if (publicIndexes.has(path)) return 'index';
  const [first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}

function isSpine(room: string): boolean {
  return room === 'server' || ((rows.get(room) ?? Number.POSITIVE_INFINITY) < 5 && !notSpine.has(room));
}

/** Everything below `extension/pkce/` is one extension. */
function extensionOf(path: string): string | undefined {
  return roomOf(path) === 'extension' ? path.split('/')[1] : undefined;
}

/** The path below lib/ that a relative specifier means, or undefined for a package. */
function target(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? join(dirname(from), specifier).replace(/\.js$/, '.ts') : undefined;
}

function at(source: Source, line: number, what: string): string {
  return `${source.path}:${line} ${what}`;
}

export function roomless(sources: readonly Source[]): string[] {
  return sources.filter(({ path }) => !rows.has(roomOf(path))).map(({ path }) => `${path} is in no room of the table`);
}

/** Every relative import exists, stays in lib/ and goes down. */
export function importViolations(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map((source) => source.path));
  return sources.flatMap((source) =>
    source.mentions.flatMap((mention) => {
      const to = target(source.path, mention.specifier);
      if (to === undefined) {
        return [];
      }
      const problem = paths.has(to) ? refusal(source.path, to, mention) : 'which does not exist in lib/';
      return problem === undefined ? [] : [at(source, mention.line, `imports ${mention.specifier}, ${problem}`)];
    }),
  );
}

function refusal(from: string, to: string, { kind }: Mention): string | undefined {
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)];
  const [fromRow, toRow] = [rows.get(fromRoom) ?? -1, rows.get(toRoom) ?? -1];
  if (fromRoom === 'types') {
    return kind === 'type' ? undefined : 'but types.ts imports no code';
  }
  if (fromRoom === 'extension' && toRoom === 'extension') {
    return extensionOf(from) === extensionOf(to) ? undefined : 'but extensions never import each other';
  }
  if (fromRoom === toRoom) {
    return undefined;
  }
  if (toRow >= fromRow) {
    return `which goes from row ${fromRow} (${fromRoom}) to row ${toRow} (${toRoom})`;
  }
  if (isSpine(fromRoom) && (pluggedIn.has(toRoom) || notSpine.has(toRoom))) {
    return 'but the spine never imports an extension or a battery';
  }
  if (fromRoom === 'token-service' && kind !== 'type' && !forBatteries.has(toRoom)) {
    return 'but the token service imports only the types of the slots it fills';
  }
  return undefined;
}

/** Files that no entry of package.json (`exports` or `bin`) reaches by imports: nothing runs them, and a mend in one of them changes nothing. */
export function unusedFiles(sources: readonly Source[], entries: readonly string[]): string[] {
  const reached = new Set(entries);
  const byPath = new Map(sources.map((source) => [source.path, source]));
  for (const path of reached) {
    for (const { specifier } of byPath.get(path)?.mentions ?? []) {
      const to = target(path, specifier);
      if (to !== undefined) reached.add(to); // the loop goes on to what is added
    }
  }
  return sources.filter(({ path }) => !reached.has(path)).map(({ path }) => `${path} is imported by no entry`);
}

/** What lib/ takes from outside: the packages it declares, and the drivers of the stores. */
export function packageViolations(sources: readonly Source[], declared: ReadonlySet<string>): string[] {
  return sources.flatMap((source) =>
    source.mentions.flatMap(({ specifier, kind, line }) => {
      if (specifier === '(computed)') {
        // the program loads the module that its caller names
        if (roomOf(source.path) === 'command') return [];
        return [at(source, line, 'imports what cannot be read from the source')];
      }
      if (specifier.startsWith('.') || specifier.startsWith('node:')) {
        return [];
      }
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      if (roomOf(source.path) === 'types' && kind !== 'type') {
        return [at(source, line, `imports ${name}, but types.ts imports no code`)];
      }
      if (drivers.has(name)) {
        const allowed = kind === 'type' || source.path.startsWith('token-service/store/');
        return allowed ? [] : [at(source, line, `loads ${name}, which only its store may do`)];
      }
      return declared.has(name) ? [] : [at(source, line, `imports ${name}, which package.json does not declare`)];
    }),
  );
}

/** Where the spine names an extension, or what only an extension reads or adds: a line about it has exactly one room, and it is not the spine. */
export function spineWords(sources: readonly Source[]): string[] {
  const words = extensionWords(sources);
  return sources
    .filter(({ path }) => isSpine(roomOf(path)))
    .flatMap((source) => namings(source, words).map(({ line, word }) => at(source, line, `names ${word}`)));
}

export function longFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ lines }) => lines > limits.fileLines)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${limits.fileLines}`);
}

export function longFunctions(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.functions
      .filter(({ length }) => length > limits.functionLines)
      .map(({ line, length }) =>
        at(source, line, `is a function of ${length} lines, more than ${limits.functionLines}`),
      ),
  );
}

export function unwantedShapes(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => [
    ...source.anyTypes.map(({ line, what }) => at(source, line, what)),
    ...source.defaultExports.map(({ line, what }) => at(source, line, what)),
    ...(roomOf(source.path) === 'errors' ? [] : source.abstractClasses).map(({ line, what }) => at(source, line, what)),
  ]);
}

export function unwantedNames(sources: readonly Source[]): string[] {
  return sources
    .map(({ path }) => path)
    .filter((path) => path.split('/').some((part) => /^(utils?|helpers?)(\.|$)/i.test(part)));
}

export function leftovers(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.text
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(/\b(TODO|FIXME|XXX)\b/g)].map(([word]) => at(source, index + 1, `says ${word}`)),
      ),
  );
}

/** What is in a weak collection lives on, with all that it knows of, until all garbage is collected: a request would, too. */
export function weakCollections(sources: readonly Source[]): string[] {
  return sources.flatMap((source) =>
    source.text
      .split('\n')
      .flatMap((text, index) =>
        [...text.matchAll(/\bnew (WeakMap|WeakSet|WeakRef|FinalizationRegistry)\b/g)].map(([, name]) =>
          at(source, index + 1, `makes a ${name}`),
        ),
      ),
  );
}

/** Lines that a merge leaves in a file where both sides changed it. `=======` is not one of them: it also underlines headings. */
export function mergeMarkers(path: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      /^(<{7}|\|{7}|>{7})/.test(line) ? [`${path}:${index + 1} has the merge marker ${line.slice(0, 7)}`] : [],
    );
}

export function unreadable(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, syntaxErrors }) => syntaxErrors.map((message) => `${path} ${message}`));
}

export function medianCodeLines(sources: readonly Source[]): number {
  const sorted = sources.map(({ codeLines }) => codeLines).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
