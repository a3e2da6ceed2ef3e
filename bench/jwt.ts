/** JWTs beside the signatures alone: `node jwt.js [--quick] [--write]`. */
import { readFileSync } from 'node:fs';
import { median } from './growth/cost.js';
import { ALGORITHMS, type Contender, contendersFor } from './jwt/contenders.js';
import { machine, report, table } from './report.js';

/** How many are under way at a time. */
const AT_ONCE = 16;

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 5 : 25;
const operations = isQuick ? 320 : 960;

/** In µs. */
interface Cost {
  /** CPU time of the process: of all its threads, user and system. */
  readonly cpu: number;
  /** Of this, that of the thread that answers requests. */
  readonly main: number;
}

/** Nanoseconds for which the main thread has run. */
const ofMainThread = (): number =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ', 1)[0]);

async function costOf({ run }: Contender): Promise<Cost> {
  const [cpu, main] = [process.cpuUsage(), ofMainThread()];
  for (let done = 0; done < operations; done += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, run));
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / operations, main: (ofMainThread() - main) / 1000 / operations };
}

/** In turns, so that what disturbs the machine disturbs them alike. The first two rounds do not count: their code is not compiled yet. */
async function measure(contenders: readonly Contender[]): Promise<readonly Cost[]> {
  const all = contenders.map((): Cost[] => []);
  for (let round = -2; round < rounds; round++)
    for (const [place, contender] of contenders.entries()) {
      const cost = await costOf(contender);
      if (round >= 0) all[place]?.push(cost);
    }
  return all.map((costs) => ({
    cpu: median(costs.map(({ cpu }) => cpu)),
    main: median(costs.map(({ main }) => main)),
  }));
}

const cell = ({ cpu, main }: Cost): string => `${cpu.toFixed(0)} (${main.toFixed(0)})`;

async function rowsOf(alg: (typeof ALGORITHMS)[number]): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [what, contenders] of Object.entries(await contendersFor(alg))) {
    const costs = await measure(contenders);
    const [bare, , , ours] = costs;
    const ratio = (ours?.cpu ?? Number.NaN) / (bare?.cpu ?? Number.NaN);
    rows.push([`${alg}, ${what}`, ...costs.map(cell), ratio.toFixed(2)]);
  }
  return rows;
}

const rows: string[][] = [];
for (const alg of ALGORITHMS) rows.push(...(await rowsOf(alg)));
report(
  'jwt',
  [
    machine(),
    `µs of CPU time for one signature or JWT, ${AT_ONCE} at a time: of all threads of the process, and in brackets of the one that answers requests; the median of ` +
      `${rounds} turns. The first two columns are the signature alone, by a key that is ready. jose and koauthorize make and read the JWT besides; to verify is \`jwtVerify\` of jose with ` +
      'a key that is ready, and `jwtVerifier` of koauthorize, which finds the key in a set and reads the claims of RFC 9068. The last column is koauthorize by the first.',
    table([['', 'node:crypto, at once', 'node:crypto, by callback', 'jose', '**koauthorize**', 'ratio'], ...rows]),
  ].join('\n\n'),
);
