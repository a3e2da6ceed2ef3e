/** One workload, once: all servers in fresh processes, which take turns, so that what disturbs the machine disturbs them alike. */
import { resolve } from 'node:path';
import { type Contestant, ready, type Work } from './measure.js';
import type { Options } from './options.js';
import type { ServerEntry } from './servers/index.js';
import type { Workload } from './workloads/workload.js';

/** Everyone once, each time in another order. */
function inOrder<T>(all: readonly T[], time: number): readonly T[] {
  const begin = time % all.length;
  const rotated = [...all.slice(begin), ...all.slice(0, begin)];
  return time % 2 === 0 ? rotated : rotated.reverse();
}

/** Node's options that have a server leave a profile. */
function profileOptions({ profiles }: Options, { name }: ServerEntry, workload: Workload): readonly string[] {
  if (profiles === undefined) return [];
  return ['--cpu-prof', `--cpu-prof-dir=${resolve(profiles)}`, `--cpu-prof-name=${name}.${workload.name}.cpuprofile`];
}

async function during<T>(what: string, work: Promise<T>): Promise<T> {
  return work.catch((cause: Error) => {
    throw new Error(`${what}: ${cause.message}`, { cause });
  });
}

/** What each server did in each of its turns. @param node the executable of the servers. @throws Error with what was sent and answered, for a wrong answer */
export async function runRound(
  options: Options,
  workload: Workload,
  round: number,
  node: string,
): Promise<ReadonlyMap<string, readonly Work[]>> {
  const done = new Map<string, Work[]>();
  const contestants: Contestant[] = [];
  for (const entry of inOrder(options.servers, round)) {
    if (entry.missing && workload.name in entry.missing) continue;
    const made = ready(entry, workload, options, profileOptions(options, entry, workload), node);
    contestants.push(await during(`${workload.name} of ${entry.name}`, made));
    done.set(entry.name, []);
  }
  for (let turn = 0; turn < options.turns; turn += 1) {
    for (const contestant of inOrder(contestants, turn)) {
      const { name } = contestant;
      done.get(name)?.push(await during(`${workload.name} of ${name}`, contestant.turn(options.seconds)));
    }
  }
  for (const contestant of contestants) await contestant.stop();
  return done;
}
