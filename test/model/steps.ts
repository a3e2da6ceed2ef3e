/** How one request goes: steps between which others may come. */
import type { Act } from './commands.js';
import type { Family, Moment, World } from './family.js';

/** A request with what it is about looked up. */
export interface Asked extends Act {
  readonly family: Family;
  /** What is presented. */
  readonly token: string;
  readonly clientID: string;
}

/** What was seen of a request. */
export interface Seen {
  /** Missing when the process died first, or the store failed, or when it got lost. */
  readonly answer?: unknown;
  readonly events: readonly string[];
  /** The operation of the store that failed, so that its client was told to try again: its name, or `spending` where it brings in tokens. */
  readonly broke?: string;
  /** That operation was not done, and will not be: nothing has come of the request. */
  readonly isVoid?: boolean;
  /** It went to its end, and the answer got lost. */
  readonly isLost?: boolean;
}

/** One way in which a request may have gone so far. */
export interface Progress {
  readonly world: World;
  readonly events: readonly string[];
  /** The answer, when this was the last step. */
  readonly answer?: unknown;
  readonly next?: Step;
}

/** One step, and all the ways it may go. Steps of one request that go different ways have different names. */
export interface Step {
  readonly name: string;
  readonly take: (world: World) => readonly Progress[];
}

/** All that a step may look at. */
export interface Case {
  readonly asked: Asked;
  readonly seen: Seen;
  readonly moment: Moment;
}

export function answered(world: World, answer: unknown, ...events: readonly string[]): Progress {
  return { world, events, answer };
}

export function goesOn(world: World, next: Step, ...events: readonly string[]): Progress {
  return { world, events, next };
}

/** An event of this authorization, as the runner writes it down. */
export function own({ asked: { family } }: Case, name: string, what = ''): string {
  return [name, what.trimEnd(), family.clientID, family.subject, family.id].filter(Boolean).join(' ');
}

/** An event that tells of nobody but who asked. */
export function nobodys(clientID: string, name: string, what: string): string {
  return [name, what, clientID].filter(Boolean).join(' ');
}

export function refused(error: string, error_description: string): unknown {
  return { status: 400, body: { error, error_description } };
}

/** Ends the authorization, whatever there is of it; whoever else was on the way to end it does so again. */
export function ending(at: Case, answer: unknown, ...events: readonly string[]): Step {
  const take = (world: World) => [answered({ ...world, ended: true }, answer, own(at, 'familyRevoked'), ...events)];
  return { name: `end ${JSON.stringify(answer)}`, take };
}

/** The first step. */
export function step(take: Step['take']): Step {
  return { name: 'begin', take };
}
