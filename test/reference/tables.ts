/** The tables of docs/ that are made from the sources, between two comments. `npm run docs` writes them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionsIn, readCosts } from '../../bench/simulation/inputs.js';
import { costHead, costRows, simulationHead, simulationRows } from '../../bench/simulation/tables.js';
import { readMeasured } from '../../bench/stores/measured.js';
import { comparisonHead, comparisonRows } from '../../bench/stores/tables.js';
import { RULES } from '../../lib/doctor/rules.js';
import { ATTRIBUTES, METRICS, SPANS } from '../../lib/extension/opentelemetry/names.js';
import { mcpClientsTable } from '../client-libraries/mcp/table.js';
import { root } from '../run.js';
import { roundTripRows } from '../token-service/round-trips/table.js';
import { type Member, readDeclarations } from './declarations.js';
import { migrationsTable } from './migrations.js';
import { profilesTable } from './profiles.js';
import { ruleLists } from './rules.js';

/** A file of an extension that may be the server's side, or the API's. */
const SIDES = ['server.ts', 'api.ts'] as const;

export interface ExtensionFolder {
  readonly name: string;
  /** `RFC 7636`, and the section where it is one. */
  readonly spec: string;
  /** Exported functions of the server's side, and of the API's, with their doc comments. */
  readonly server: ReadonlyMap<string, string>;
  readonly api: ReadonlyMap<string, string>;
  /** Interfaces named `...Options` by the file that declares them. */
  readonly options: readonly { readonly file: string; readonly name: string }[];
  /** Its page below docs/, if it has one. */
  readonly page: string | undefined;
}

function readFolder(name: string): ExtensionFolder {
  const folder = `lib/extension/${name}`;
  const files = SIDES.map((side) => `${folder}/${side}`);
  const [server, api] = files.map((file) => (existsSync(join(root, file)) ? readDeclarations(file) : undefined));
  const [spec = ''] = /^[^:]+(?=:)/.exec(server?.head || api?.head || '') ?? [];
  const optionsIn = (file: string) =>
    existsSync(join(root, file))
      ? [...readDeclarations(file).interfaces.keys()]
          .filter((each) => each.endsWith('Options'))
          .map((each) => ({ file, name: each }))
      : [];
  const page = `extensions/${name}.md`;
  return {
    name,
    spec,
    server: server?.functions ?? new Map(),
    api: api?.functions ?? new Map(),
    options: [`${folder}/server.ts`, `${folder}/options.ts`].flatMap(optionsIn),
    page: existsSync(join(root, 'docs', page)) ? page : undefined,
  };
}

export function extensionFolders(): ExtensionFolder[] {
  return readdirSync(join(root, 'lib/extension')).sort().map(readFolder);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('\n');
}

/** `Default: the connection itself.`, or `Default 10; 0 asks about every request.` */
const DEFAULT = /(?:^| )Default:? (.+?)\.(?= |$)/;

/** The members of an interface. Where none of them has a default, there is no column for it. */
export function membersTable(members: readonly Member[]): string {
  const all = members.map(({ name, isOptional, doc }) => {
    const usual = DEFAULT.exec(doc)?.[1] ?? (isOptional ? '' : 'required');
    return { name: `\`${name}\``, usual, meaning: doc.replace(DEFAULT, '').trim() };
  });
  if (!members.some(({ doc }) => DEFAULT.test(doc)))
    return table(
      ['member', ''],
      all.map(({ name, meaning }) => [name, meaning]),
    );
  return table(
    ['option', 'default', ''],
    all.map(({ name, usual, meaning }) => [name, usual, meaning]),
  );
}

function firstSentence(doc: string): string {
  return /^.*?(?=\.(?: |$))/.exec(doc)?.[0] ?? doc;
}

/** The extensions, with links to their pages from a page in docs/. */
export function extensionsTable(folders: readonly ExtensionFolder[]): string {
  const rows = folders.map(({ name, spec, server, api, page }) => {
    const call = ([of]: readonly [string, string]) => `\`${of}()\``;
    const calls = [...server].map(call).join(', ') || [...api].map(call).join(', ');
    const [doc = ''] = [...server.values(), ...api.values()];
    const atAPI = server.size > 0 ? [...api].map(call).join(', ') : '';
    return [page ? `[${calls}](${page})` : calls, atAPI, spec, `\`koauthorize/${name}\``, firstSentence(doc)];
  });
  return table(['extension', 'at the API', 'specification', 'entry', ''], rows);
}

/** Rows of the first table of docs/specifications.md: specification and state. */
export function specificationRows(): string[][] {
  const page = readFileSync(join(root, 'docs/specifications.md'), 'utf8');
  const [, there = ''] = /^## There\n([\s\S]*?)^## /m.exec(page) ?? [];
  const lines = there.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => line.slice(2, -2).split(' | '));
}

/** The rules of refusals, those of the toolkit first. */
export function rulesTable(): string {
  const lists = [...ruleLists].sort(
    (a, b) => Number(a.path.startsWith('extension')) - Number(b.path.startsWith('extension')),
  );
  const rows = lists.flatMap(({ rules }) =>
    rules.map(({ rule, error, section, remedy }) => [`\`${rule}\``, error && `\`${error}\``, section, remedy]),
  );
  return table(['rule', 'error', 'section', 'remedy'], rows);
}

const code = (text: string): string => `\`${text}\``;

/** The names that `openTelemetry()` tells by. */
function telemetryTable(of: string): string {
  if (of === 'spans') return table(['', 'name', ''], SPANS);
  if (of === 'attributes')
    return table(
      ['attribute', 'on', ''],
      Object.values(ATTRIBUTES).map(({ name, on, meaning }) => [code(name), on, meaning]),
    );
  const rows = Object.values(METRICS).map(({ name, kind, unit, meaning, attributes }) => [
    ...[code(name), kind, code(unit), meaning],
    attributes.map(code).join(', '),
  ]);
  return table(['metric', 'kind', 'unit', '', 'attributes'], rows);
}

/** The rules of the doctor, in the order in which they are reported. */
function doctorTable(): string {
  const rows = RULES.map(({ name, severity, finds, looksAt, why, section = '', remedy }) => [
    ...[code(name), severity, finds, looksAt.map(code).join(', ')],
    ...[why, section, remedy],
  ]);
  return table(['rule', '', 'finds', 'looks at', 'why', 'section', 'instead'], rows);
}

/** The statements and commands of each operation, as they were counted. */
function roundTripsTable(): string {
  const heads = ['PostgreSQL', 'waits', 'Redis', 'waits', 'Redis cluster'];
  return table(['operation', 'calls of the store', ...heads], roundTripRows());
}

/** What bench/stores.ts has measured, and what is computed from it. */
function measuredTable(of: string): string {
  if (of === 'comparison')
    return `${table(comparisonHead, comparisonRows(readMeasured(join(root, 'bench'))))}\n\n${conditionsIn(root)}`;
  if (of === 'costs') return table(costHead, costRows(readCosts(root)));
  return table(simulationHead, simulationRows(readCosts(root)));
}

function made(kind: string, of: string): string {
  if (kind === 'measured') return measuredTable(of);
  if (kind === 'round-trips') return roundTripsTable();
  if (kind === 'doctor') return doctorTable();
  if (kind === 'migrate') return table(...migrationsTable(of));
  if (kind === 'profiles') return table(...profilesTable());
  if (kind === 'telemetry') return telemetryTable(of);
  if (kind === 'rules') return rulesTable();
  if (kind === 'extensions') return extensionsTable(extensionFolders());
  if (kind === 'mcp-clients') return mcpClientsTable();
  const [file = '', name = ''] = of.split(' ');
  const members = readDeclarations(file).interfaces.get(name);
  if (!members) throw new Error(`${file} has no interface ${name}`);
  return membersTable(members);
}

/** The text of a page with its tables made anew. A table stands between `<!-- made from: ... -->` and `<!-- end -->`. */
export function withTables(markdown: string): string {
  return markdown.replace(
    /(<!-- made from: ([a-z-]+)(?: (.*?))? -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, kind: string, of = '', end: string) => `${begin}\n${made(kind, of)}\n\n${end}`,
  );
}
