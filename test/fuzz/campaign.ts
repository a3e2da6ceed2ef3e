/** Many cases, one after the other, and what came of them. */
import fc from 'fast-check';
import { mutate } from './draft.js';
import { DRAFTS } from './drafts.js';
import { type House, openHouse, VARIANTS } from './house.js';
import { judge } from './judge.js';
import { Live } from './live.js';
import { type Case, cases } from './mutations.js';
import { render } from './render.js';
import { Wire } from './wire.js';

export interface CampaignOptions {
  readonly cases: number;
  readonly seed: number;
  /** Where fast-check said that a counterexample is. */
  readonly path?: string | undefined;
}

export interface Campaign {
  readonly outcomes: ReadonlyMap<string, number>;
}

interface Door {
  readonly house: House;
  readonly wire: Wire;
}

/** What the process itself had to say meanwhile. */
function listen(): { readonly heard: string[]; stop(): void } {
  const heard: string[] = [];
  const onRejection = (reason: unknown): void => void heard.push(`unhandled rejection: ${reason}`);
  const onWarning = (warning: Error & { readonly code?: string }): void => {
    if (!EXPECTED.has(warning.code ?? '')) heard.push(`warning: ${warning.code ?? ''} ${warning.message}`);
  };
  process.on('unhandledRejection', onRejection).on('warning', onWarning);
  return { heard, stop: () => void process.off('unhandledRejection', onRejection).off('warning', onWarning) };
}

/** Said once, to the operator of a server whose sessions are cookies, or who is sent certificates that are none. */
const EXPECTED: ReadonlySet<string> = new Set(['KOAUTHORIZE_COOKIE_SESSION', 'KOAUTHORIZE_CERTIFICATE_HEADER']);

export class Findings extends Error {
  override name = 'Findings';
}

/** @throws Findings */
async function play(
  { house, wire }: Door,
  { draft, mutations }: Case,
  heard: string[],
  count: (outcome: string) => void,
): Promise<void> {
  house.clock.now += 1;
  const live = new Live(house, wire);
  const good = DRAFTS[draft];
  if (!good) throw new Error(`No draft ${draft}`);
  const sent = await render(mutations.reduce(mutate, good), live);
  const exchanged = await wire.send(sent);
  const verdicts = judge(sent, exchanged, house.name);
  for (const { outcome } of verdicts) count(outcome.trim());
  const polluted = Object.keys(Object.prototype);
  const faults = [
    ...verdicts.flatMap(({ outcome, faults }) => faults.map((fault) => `${outcome}: ${fault}`)),
    ...house.watch.broken.splice(0),
    ...heard.splice(0),
    ...polluted.map((name) => `every object has a member ${name} now`),
  ];
  const [error] = house.errors.splice(0).slice(-1);
  if (faults.length === 0) return;
  const answers = exchanged.answers.map(({ status, headers, text }) => JSON.stringify([status, headers, text]));
  throw new Findings([...faults, sent.bytes.toString('latin1'), ...answers, error?.stack ?? ''].join('\n'));
}

/** @throws Error with the smallest counterexample, its seed and its path */
export async function campaign({ cases: numRuns, seed, path }: CampaignOptions): Promise<Campaign> {
  const doors = new Map<string, Door>();
  for (const name of VARIANTS) {
    const house = await openHouse(name);
    doors.set(name, { house, wire: new Wire(house.port) });
  }
  const outcomes = new Map<string, number>();
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const ears = listen();
  const property = fc.asyncProperty(cases, async (one) => {
    const door = doors.get(one.house);
    if (door) await play(door, one, ears.heard, count);
  });
  try {
    await fc.assert(property, { numRuns, seed, ...(path !== undefined && { path }) });
  } finally {
    ears.stop();
    for (const { house, wire } of doors.values()) {
      wire.close();
      house.close();
    }
  }
  return { outcomes };
}
