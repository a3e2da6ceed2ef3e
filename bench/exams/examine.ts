/** All exams of one server. */
import { startServer } from '../server-process.js';
import { Connection } from '../workloads/connection.js';
import { attack } from './attacks.js';
import { carrierTo } from './carrier.js';
import { decideTwice } from './decisions.js';
import type { Effort, Findings } from './findings.js';
import { presentForged } from './forged.js';
import { sendHostile } from './hostile.js';
import type { Race } from './race.js';
import { plans, runRace } from './races.js';
import { replaySpent } from './spent.js';
import type { Subject } from './subjects.js';

/** A server of its own for each exam, so that none finds what another has left. */
async function at<T>(subject: Subject, examine: (origin: string) => Promise<T>): Promise<T> {
  const server = await startServer(`../exams/servers/${subject.name}`);
  try {
    return await examine(server.origin);
  } finally {
    await server.stop();
  }
}

/** One user, logged in. */
async function asUser<T>(origin: string, { dialog }: Subject, examine: (http: Connection) => Promise<T>): Promise<T> {
  const http = new Connection(carrierTo(origin));
  await dialog.login(http);
  return examine(http).finally(() => http.close());
}

async function runRaces(subject: Subject, origin: string, tries: number): Promise<readonly Race[]> {
  const races: Race[] = [];
  const open = () => new Connection(carrierTo(origin));
  for (const plan of plans(tries)) races.push(await runRace(open, subject.dialog, plan));
  return races;
}

/** @throws WrongAnswer when an honest flow fails */
export async function examine(subject: Subject, effort: Effort): Promise<Findings> {
  const { dialog } = subject;
  return {
    races: await at(subject, (origin) => runRaces(subject, origin, effort.races)),
    ...(await at(subject, (origin) =>
      asUser(origin, subject, async (http) => ({
        spent: await replaySpent(http, dialog, effort.spent),
        decisions: await decideTwice(http, dialog, effort.decisions),
        forged: await presentForged(http, dialog),
      })),
    )),
    hostile: await at(subject, async (origin) => {
      const carrier = carrierTo(origin);
      return sendHostile(carrier).finally(() => carrier.close());
    }),
    attacks: await at(subject, (origin) => attack(subject, origin)),
  };
}
