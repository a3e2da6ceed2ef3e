/** From the start of a process to its first answer, what its first requests cost, what each entry adds, and what has to be installed: `node startup.js [--quick] [--only koauthorize,koa] [--write]`. */
import { pinLoad } from './cores.js';
import { median } from './growth/cost.js';
import { readOptions } from './options.js';
import { machine, report, table } from './report.js';
import { startServer } from './server-process.js';
import { BASELINE, type ServerEntry, servers } from './servers/index.js';
import { peers } from './servers/peers/index.js';
import { coldSection } from './startup/cold.js';
import { measureEntries } from './startup/entries.js';
import { packagesOf } from './startup/imports.js';
import { bytesOf, type Installed, installed } from './startup/installed.js';
import { clientCredentials } from './workloads/client-credentials.js';
import { connectTo } from './workloads/connect-to.js';
import { usualDialog } from './workloads/dialog.js';

/** What every server has, with a toolkit or without: no toolkit’s to bring along. */
const FRAME = new Set(['koa', 'express', '@koa/router', 'koa-session', 'express-session']);

/** How many processes there are of each server of ours or by hand, of each peer, for each entry of the package, and of each server for each workload of the cold ones. */
interface Effort {
  readonly own: number;
  readonly peers: number;
  readonly entries: number;
  readonly cold: number;
}

/** Less than four minutes, on a machine that does nothing else. */
const USUAL: Effort = { own: 15, peers: 5, entries: 3, cold: 5 };
/** For orientation. */
const QUICK: Effort = { own: 5, peers: 2, entries: 1, cold: 1 };

/** Until a client has its first token, and it was looked at. */
interface Start {
  readonly milliseconds: number;
  /** CPU time of the server's process in ms, user and system. */
  readonly cpu: number;
}

async function start({ name }: ServerEntry): Promise<Start> {
  const begin = performance.now();
  const server = await startServer(name);
  const http = connectTo(server.origin);
  try {
    const operation = await clientCredentials.prepare(http, usualDialog);
    await operation();
    const milliseconds = performance.now() - begin;
    const { user, system } = (await server.ask('usage')).cpu;
    return { milliseconds, cpu: (user + system) / 1000 };
  } finally {
    await http.close();
    await server.stop();
  }
}

/** In turns; the first of each brings its files into the system's cache and does not count. */
async function startAll(entries: readonly ServerEntry[], effort: Effort): Promise<readonly (readonly Start[])[]> {
  const all = entries.map((): Start[] => []);
  for (let i = -1; i < effort.own; i++) {
    for (const [place, entry] of entries.entries()) {
      if (i >= effort.peers && peers.includes(entry)) continue;
      const one = await start(entry);
      if (i >= 0) all[place]?.push(one);
    }
  }
  return all;
}

const kilobytes = (packages: Installed): string => {
  const bytes = [...packages.values()].reduce((sum, one) => sum + bytesOf(one), 0);
  return Math.round(bytes / 1000).toLocaleString('en');
};

/** Of the toolkit, and then with all that its server imports besides. */
function sizes({ name, packages = [] }: ServerEntry): string[] {
  const [toolkit = ''] = packages;
  const alone = FRAME.has(toolkit) || toolkit === '' ? undefined : installed([toolkit]);
  const all = installed([...packagesOf(name)].filter((one) => !FRAME.has(one)));
  const own = alone ? [String(alone.size - 1), kilobytes(alone)] : ['–', '–'];
  return [...own, String(all.size), kilobytes(all)];
}

/** Median of the ratios of starts of one turn. */
function ratio(starts: readonly Start[], baseline: readonly Start[]): string {
  return median(starts.map(({ cpu }, i) => cpu / (baseline[i]?.cpu ?? Number.NaN))).toFixed(2);
}

function rowOf(entry: ServerEntry, starts: readonly Start[], baseline: readonly Start[]): string[] {
  const cpus = starts.map(({ cpu }) => cpu);
  const spread = [Math.min(...cpus), Math.max(...cpus)].map((time) => time.toFixed(0)).join(' to ');
  const milliseconds = median(starts.map((one) => one.milliseconds)).toFixed(0);
  return [
    entry.label,
    String(starts.length),
    median(cpus).toFixed(0),
    spread,
    ratio(starts, baseline),
    milliseconds,
    ...sizes(entry),
  ];
}

/** Costs of less than the noise are none. */
const cost = (milliseconds: number): string => Math.max(0, milliseconds).toFixed(0);

function entriesTable(times: number): string {
  const rows = measureEntries(times).map(({ specifier, files, alone, afterRoot }) => [
    ...[`\`${specifier}\``, String(files), cost(alone)],
    specifier === 'koauthorize' ? '–' : cost(afterRoot),
  ]);
  return table([['', 'files', 'alone, ms CPU', 'after the root, ms CPU'], ...rows]);
}

pinLoad();
const compared = readOptions({ servers, workloads: [clientCredentials], baseline: BASELINE });
const entries = compared.servers.filter(({ missing }) => missing?.['client-credentials'] === undefined);
const effort = process.argv.includes('--quick') ? QUICK : USUAL;
const all = await startAll(entries, effort);
const baseline = all[entries.findIndex(({ name }) => name === BASELINE)] ?? [];
const head = [
  ...['', 'starts', 'first answer, ms CPU', 'spread', 'ratio', 'ms', 'dependencies', 'kB'],
  ...['packages with companions', 'kB'],
];
report(
  'startup',
  [
    machine(),
    'From the start of the process to the first verified answer to client credentials: CPU time of its process, user and system, the median of the starts, in turns, of which peers have fewer; ' +
      'its ratio to Koa by hand in the same turn; and what a clock shows, which includes Node and hangs on the machine. Dependencies are those that ' +
      'npm installs with the toolkit, theirs included and koa left out for all alike; kB (of 1,000 bytes) are the files of the toolkit and of its ' +
      'dependencies. The last two columns are of all that its server here imports, toolkit included, besides Koa or Express, its router and its session.',
    table([head, ...entries.map((entry, i) => rowOf(entry, all[i] ?? [], baseline))]),
    `What the import of each entry costs in a process of its own that has imported Koa, and in one that has imported the root too: the median of ${effort.entries} processes, in turns. Files are those of the package.`,
    entriesTable(effort.entries),
    await coldSection(effort.cold),
  ].join('\n\n'),
);
