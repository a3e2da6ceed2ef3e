/** Many cases, one after the other, and what came of them. */
import fc from 'fast-check';
import { mutate } from './draft.js';
import { DRAFTS } from './drafts.js';
import { type House, openHouse, VARIANTS } from './house.js';
import { judge } from './judge.js';
import { Live } from './live.js';
import { type Case, cases, type Protocol } from './mutations.js';
import { render, type Sent } from './render.js';
import { type Exchanged, Wire } from './wire.js';
import { isPlain, Wire2 } from './wire2.js';

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
  readonly wire2: Wire2;
}

/** Milliseconds of CPU that one request may cost, client and judges not counted: none costs a tenth of it. */
const MOST_WORK = 1500;
/** Callbacks that one request may cause. */
const MOST_CALLS = 40;

/** No part of a form counts that was cut off, so that nothing may be asked about it. */
const READS_A_FORM = /^\/(token|introspect|revoke|decision)$/;

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

/** Sends a request, and says what is wrong with the work that it made. */
async function exchange({ house, wire, wire2 }: Door, sent: Sent, protocol: Protocol) {
  const [calls, before] = [house.watch.calls, process.cpuUsage()];
  const isCut = protocol === 'HTTP/2, cut off' && isPlain(sent);
  let exchanged: Exchanged | undefined;
  if (isCut) await wire2.cut(sent);
  else exchanged = await (protocol === 'HTTP/1.1' ? wire : wire2).send(sent);
  const { user, system } = process.cpuUsage(before);
  const [made, work] = [house.watch.calls - calls, Math.round((user + system) / 1000)];
  const isHeard = isCut && sent.draft.method === 'POST' && READS_A_FORM.test(sent.target) && made > 0;
  const faults = [
    ...(work > MOST_WORK ? [`it cost ${work} ms`] : []),
    ...(made > MOST_CALLS ? [`${made} callbacks were called`] : []),
    ...(isHeard ? ['a form that was cut off was heard'] : []),
  ];
  return { exchanged, faults };
}

/** What a campaign must also have been through. */
function passagesOf(exchanged: Exchanged | undefined, protocol: Protocol): readonly string[] {
  const text = exchanged?.answers.map((answer) => answer.text).join('') ?? '';
  return [
    exchanged ? protocol : 'HTTP/2, cut off',
    ...(text.includes('request target') ? ['target that cannot be read'] : []),
    ...(text.includes('too many parameters') ? ['too many parameters'] : []),
  ];
}

/** @throws Findings */
async function play(
  door: Door,
  { draft, mutations, protocol }: Case,
  heard: string[],
  count: (outcome: string) => void,
): Promise<void> {
  const { house, wire } = door;
  house.clock.now += 1;
  const live = new Live(house, wire);
  const good = DRAFTS[draft];
  if (!good) throw new Error(`No draft ${draft}`);
  const sent = await render(mutations.reduce(mutate, good), live);
  const { exchanged, faults: costs } = await exchange(door, sent, protocol);
  const isOdd = sent.isOdd || (protocol !== 'HTTP/1.1' && !isPlain(sent));
  const verdicts = exchanged ? judge({ ...sent, isOdd }, exchanged, house.name) : [];
  for (const passage of passagesOf(exchanged, protocol)) count(passage);
  for (const { outcome } of verdicts) count(outcome.trim());
  const polluted = Object.keys(Object.prototype);
  const faults = [
    ...costs,
    ...verdicts.flatMap(({ outcome, faults }) => faults.map((fault) => `${outcome}: ${fault}`)),
    ...house.watch.broken.splice(0),
    ...heard.splice(0),
    ...polluted.map((name) => `every object has a member ${name} now`),
  ];
  const [error] = house.errors.splice(0).slice(-1);
  if (faults.length === 0) return;
  const answers = (exchanged?.answers ?? []).map(({ status, headers, text }) =>
    JSON.stringify([status, headers, text]),
  );
  throw new Findings([...faults, sent.bytes.toString('latin1', 0, 5000), ...answers, error?.stack ?? ''].join('\n'));
}

/** @throws Error with the smallest counterexample, its seed and its path */
export async function campaign({ cases: numRuns, seed, path }: CampaignOptions): Promise<Campaign> {
  const doors = new Map<string, Door>();
  for (const name of VARIANTS) {
    const house = await openHouse(name);
    doors.set(name, { house, wire: new Wire(house.port), wire2: new Wire2(house.http2Port) });
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
    for (const { house, wire, wire2 } of doors.values()) {
      wire.close();
      wire2.close();
      house.close();
    }
  }
  return { outcomes };
}
