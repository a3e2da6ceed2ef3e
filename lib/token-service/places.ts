/**
 * The places in which the dialogs of one browser wait in a token store: eight places, each with at most one dialog. An attacker can choose the cookie that
 * identifies the browser, and send any number of concurrent requests with it. A count of the waiting dialogs would not stop them, because all requests would
 * count before the first one has stored its dialog. So every dialog is stored in a numbered place, and the store decides which request gets the place.
 */
import { hash } from 'node:crypto';
import { CLOCK_SKEW } from '../clock.js';
import { random } from '../secrets/random.js';
import { seal, unseal } from '../secrets/seal.js';
import type { TransactionRecord } from '../types.js';
import { reservedSubject } from './reserved.js';
import type { StoredRecord, TokenRecord } from './store.js';

/** How many dialogs of one browser may wait, and how many answered dialogs are kept besides. A further one replaces the oldest. */
export const MOST = 8;

/** Seconds for which a dialog may wait. The server refuses an older dialog. */
const LIFETIME = 600;

export interface Dialog {
  /** The ID of the dialog. It is also the CSRF token, so it must not be readable in the store. */
  readonly id: string;
  readonly record: TransactionRecord;
}

/** The content of a record. It is encrypted with the browser's secret. */
interface Kept {
  /** The number of the place. Dialogs wait in 0 to 7; answered dialogs are in 8 to 15. */
  readonly place: number;
  /** Orders the dialogs by age: greater than the `turn` of every dialog that waited when this one was stored. */
  readonly turn: number;
  /** Whether this is the first record of an empty place. Other records replace an earlier record. */
  readonly isFirst: boolean;
  /** Absent if the dialog has left the place. */
  readonly dialog?: Dialog | undefined;
}

/** The current record of a place. */
export interface Held extends Kept {
  readonly storedAs: string;
}

/** A record with a dialog that waits, or that was answered. */
export type Found = Held & { readonly dialog: Dialog };

/** A place in which to store a dialog, and the current record of that place, if it has one. */
export interface Place {
  readonly place: number;
  readonly held?: Held | undefined;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** The subject under which `list` finds the records of a browser. No user can have this subject. */
export function subjectOf(browser: string): string {
  return reservedSubject('transactions', digest(`browser:${browser}`));
}

/** All records of a browser have the same tag. */
function tagOf(browser: string): string {
  return digest(subjectOf(browser)).slice(0, 3);
}

/**
 * Makes a record. Each place has its own `authorizationID`, so that `list` gives one record for each place: the one that is not consumed.
 */
function recordOf(browser: string, rest: string, kept: Kept, now: number): TokenRecord {
  const [subject, tag] = [subjectOf(browser), tagOf(browser)];
  return {
    id: `${tag}.${rest}`,
    kind: 'transaction',
    authorizationID: `${tag}.${digest(`place:${browser}:${kept.place}`)}`,
    clientID: '',
    subject,
    expiresAt: Math.ceil(now + LIFETIME),
    data: seal(kept, browser),
  };
}

/** The ID that the first record of a place has in a span of time. */
function firstID(browser: string, place: number, span: number): string {
  return digest(`first:${browser}:${place}:${span}`);
}

const spanAt = (now: number): number => Math.floor(now / LIFETIME);

/**
 * The first record of a place. All concurrent requests that found the place empty compute the same ID, so that the store accepts only one of them. The ID
 * changes after `LIFETIME`, because a store may refuse the ID of an expired record.
 */
export function firstRecord(browser: string, kept: Omit<Kept, 'isFirst'>, now: number): TokenRecord {
  return recordOf(browser, firstID(browser, kept.place, spanAt(now)), { ...kept, isFirst: true }, now);
}

/**
 * The ID of another first record that a concurrent request may have stored for the same place: one that came a moment earlier or later, or to a process with
 * another clock, and so computed its ID with the other side of a change of the span. Whoever finds such a record gives way, because two dialogs in one place
 * would end each other.
 *
 * @returns undefined if no change of the span is near
 */
export function rivalOf(browser: string, place: number, now: number): string | undefined {
  const span = spanAt(now);
  const other = [spanAt(now - CLOCK_SKEW), spanAt(now + CLOCK_SKEW)].find((near) => near !== span);
  return other === undefined ? undefined : `${tagOf(browser)}.${firstID(browser, place, other)}`;
}

/** A record that replaces another one. Its ID is random, so that a request which has read an earlier record of the place cannot consume this one by mistake. */
export function nextRecord(browser: string, kept: Omit<Kept, 'isFirst'>, now: number): TokenRecord {
  return recordOf(browser, random(32), { ...kept, isFirst: false }, now);
}

export function heldIn({ id: storedAs, kind, data }: StoredRecord, browser: string): Held[] {
  return kind === 'transaction' ? [{ ...(unseal(String(data), browser) as Kept), storedAs }] : [];
}

/** The records that have a dialog, oldest first. */
export function byTurn(held: readonly Held[]): readonly Found[] {
  const found = held.filter((each): each is Found => each.dialog !== undefined);
  return found.sort((one, other) => one.turn - other.turn);
}

/** The list in a random order, so that concurrent requests try different places first, and do not meet again at the next one. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  return list
    .map((each) => [Math.random(), each] as const)
    .sort(([one], [other]) => one - other)
    .map(([, each]) => each);
}

/** The places to try for a dialog, in this order: the place that it already has, the empty places, and then the places of other dialogs, oldest first. */
export function placesFor({ id, record }: Dialog, held: readonly Held[]): readonly Place[] {
  const start = record.answer === undefined ? 0 : MOST;
  const places = Array.from({ length: MOST }, (_, i): Place => {
    const place = start + i;
    return { place, held: held.find((each) => each.place === place) };
  });
  const of = (each: Place): Dialog | undefined => each.held?.dialog;
  return [
    ...places.filter((each) => of(each)?.id === id),
    ...shuffled(places.filter((each) => of(each) === undefined)),
    ...places
      .filter((each) => of(each) !== undefined && of(each)?.id !== id)
      .sort((one, other) => (one.held?.turn ?? 0) - (other.held?.turn ?? 0)),
  ];
}
