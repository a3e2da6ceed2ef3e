/** All races at one server, ten users at once. */
import type { Connection } from '../workloads/connection.js';
import type { ExamDialog } from './dialog.js';
import { type Race, type RacePlan, race } from './race.js';

const USERS = 10;

/** Numbers that are left, each given once. */
function* counting(tries: number): Generator<number, void> {
  for (let number = 0; number < tries; number += 1) yield number;
}

const total = (all: readonly Omit<Race, keyof RacePlan>[], of: keyof Omit<Race, keyof RacePlan>): number =>
  all.reduce((sum, counts) => sum + counts[of], 0);

export const plans = (tries: number): readonly RacePlan[] => [
  ...[2, 3, 8].map((senders) => ({ raced: 'code' as const, senders, lost: 0, tries })),
  { raced: 'code', senders: 1, lost: 0.2, tries },
  ...[2, 3, 8].map((senders) => ({ raced: 'refresh token' as const, senders, lost: 0, tries })),
  ...[1, 2, 3, 8].map((senders) => ({ raced: 'refresh token' as const, senders, lost: 0.2, tries })),
];

export async function runRace(open: () => Connection, dialog: ExamDialog, plan: RacePlan): Promise<Race> {
  const numbers = counting(plan.tries);
  const one = async (): Promise<Omit<Race, keyof RacePlan>> => {
    const http = open();
    await dialog.login(http);
    const left = { [Symbol.iterator]: () => ({ next: () => numbers.next() }) }; // a generator that is left early would end for all
    return race(http, dialog, plan, left).finally(() => http.close());
  };
  const all = await Promise.all(Array.from({ length: Math.min(USERS, plan.tries) }, one));
  return {
    ...plan,
    served: total(all, 'served'),
    failed: total(all, 'failed'),
    several: total(all, 'several'),
    loggedOut: total(all, 'loggedOut'),
  };
}
