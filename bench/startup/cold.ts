/** The first requests of a fresh process: nothing is compiled yet, and V8 optimizes while it answers. */
import { table } from '../report.js';
import { startServer } from '../server-process.js';
import { type ServerEntry, servers } from '../servers/index.js';
import { spread } from '../spread.js';
import { bearer } from '../workloads/bearer.js';
import { clientCredentials } from '../workloads/client-credentials.js';
import { connectTo } from '../workloads/connect-to.js';
import { usualDialog } from '../workloads/dialog.js';
import { flow } from '../workloads/flow.js';
import type { Workload } from '../workloads/workload.js';

/** What counts as cold. */
const REQUESTS = 2000;

/** What ours is compared with: the same framework, and the least that a careful engineer writes. */
const BASELINE = 'koa-own-form';

const COMPARED = ['koauthorize', 'koa', BASELINE];
const workloads: readonly Workload[] = [clientCredentials, bearer, flow];

/** Microseconds of CPU, user and system, of one fresh server for each of its first requests; what readies the user is among them. */
async function coldCost({ name, dialog = usualDialog }: ServerEntry, workload: Workload): Promise<number> {
  const server = await startServer(name);
  const http = connectTo(server.origin);
  try {
    const before = await server.ask('usage');
    const operation = await workload.prepare(http, dialog);
    for (let done = 0; done < REQUESTS; done += workload.requests) await operation();
    const after = await server.ask('usage');
    return (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / REQUESTS;
  } finally {
    await http.close();
    await server.stop();
  }
}

/** In turns, so that what disturbs the machine disturbs all alike. @returns the costs of each server, by its name */
async function coldCosts(
  entries: readonly ServerEntry[],
  workload: Workload,
  starts: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const costs = new Map(entries.map(({ name }): [string, number[]] => [name, []]));
  for (let start = 0; start < starts; start++)
    for (const entry of entries) costs.get(entry.name)?.push(await coldCost(entry, workload));
  return costs;
}

/** The median, and the median of the ratios of one turn: above 1 it needs less than Koa by hand. */
function cell(own: readonly number[] = [], baseline: readonly number[] = []): string {
  const ratios = baseline.map((cost, turn) => cost / (own[turn] ?? Number.NaN));
  return `${spread(own).median.toFixed(0)} (${spread(ratios).median.toFixed(2)})`;
}

/** @param starts how many processes of each server there are for each workload */
export async function coldSection(starts: number): Promise<string> {
  const entries = servers.filter(({ name }) => COMPARED.includes(name));
  const columns: string[][] = [];
  for (const workload of workloads) {
    const costs = await coldCosts(entries, workload, starts);
    columns.push(entries.map(({ name }) => cell(costs.get(name), costs.get(BASELINE))));
  }
  const rows = entries.map(({ label }, row) => [label, ...columns.map((column) => column[row] ?? '')]);
  return [
    `The first ${REQUESTS.toLocaleString('en')} requests of a fresh process: microseconds of its CPU time for each, user and system, from the moment at which it listens. ` +
      `The median of ${starts} processes, in turns. In brackets the ratio to Koa by hand with its own form reader: 0.9 means that the same CPU time answers 0.9 times as many.`,
    table([['', ...workloads.map(({ label }) => label)], ...rows]),
  ].join('\n\n');
}
