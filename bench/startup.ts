/** From the start of a process to its first answer, what its first requests cost, and what has to be installed: `node startup.js [--quick] [--only koauthorize,koa] [--write]`. */
import { pinLoad } from './cores.js';
import { median } from './growth/cost.js';
import { readOptions } from './options.js';
import { machine, report, table } from './report.js';
import { startServer } from './server-process.js';
import { BASELINE, type ServerEntry, servers } from './servers/index.js';
import { coldSection } from './startup/cold.js';
import { packagesOf } from './startup/imports.js';
import { bytesOf, type Installed, installed } from './startup/installed.js';
import { clientCredentials } from './workloads/client-credentials.js';
import { connectTo } from './workloads/connect-to.js';
import { usualDialog } from './workloads/dialog.js';

/** What every server has, with a toolkit or without: no toolkit’s to bring along. */
const FRAME = new Set(['koa', 'express', '@koa/router', 'koa-session', 'express-session']);

/** Milliseconds until a client has its first token, and it was looked at. */
async function start({ name }: ServerEntry): Promise<number> {
  const begin = performance.now();
  const server = await startServer(name);
  const http = connectTo(server.origin);
  try {
    const operation = await clientCredentials.prepare(http, usualDialog);
    await operation();
    return performance.now() - begin;
  } finally {
    await http.close();
    await server.stop();
  }
}

/** In turns; the first of each brings its files into the system's cache and does not count. */
async function startAll(entries: readonly ServerEntry[], starts: number): Promise<readonly (readonly number[])[]> {
  const times = entries.map((): number[] => []);
  for (let i = -1; i < starts; i++) {
    for (const [place, entry] of entries.entries()) {
      const milliseconds = await start(entry);
      if (i >= 0) times[place]?.push(milliseconds);
    }
  }
  return times;
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

function rowOf(entry: ServerEntry, times: readonly number[]): string[] {
  const spread = [Math.min(...times), Math.max(...times)].map((time) => time.toFixed(0)).join(' to ');
  return [entry.label, median(times).toFixed(0), spread, ...sizes(entry)];
}

pinLoad();
const compared = readOptions({ servers, workloads: [clientCredentials], baseline: BASELINE });
const entries = compared.servers.filter(({ missing }) => missing?.['client-credentials'] === undefined);
const starts = process.argv.includes('--quick') ? 5 : 15;
const times = await startAll(entries, starts);
const head = ['', 'first answer, ms', 'spread', 'dependencies', 'kB', 'packages with companions', 'kB'];
report(
  'startup',
  [
    machine(),
    `From the start of the process to the first verified answer to client credentials: the median of ${starts} starts, in turns. Dependencies are those that ` +
      'npm installs with the toolkit, theirs included and koa left out for all alike; kB (of 1,000 bytes) are the files of the toolkit and of its ' +
      'dependencies. The last two columns are of all that its server here imports, toolkit included, besides Koa or Express, its router and its session.',
    table([head, ...entries.map((entry, i) => rowOf(entry, times[i] ?? []))]),
    await coldSection(starts),
  ].join('\n\n'),
);
