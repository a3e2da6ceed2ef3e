/**
 * Where the dialogs of one browser wait in a store of tokens: in eight places, of which each has one dialog at most. Whoever begins a dialog chooses
 * the cookie that stands for the browser, and sends any number of requests at once. So nothing is counted, which all of them would do before the first has
 * stored: what is stored has a place, and the store says who got it.
 */
import { hash } from 'node:crypto';
import { random } from '../secrets/random.js';
import { seal, unseal } from '../secrets/seal.js';
import type { TransactionRecord } from '../types.js';
import { reservedSubject } from './reserved.js';
import type { StoredRecord, TokenRecord } from './store.js';

/** Dialogs of one browser that wait, and as many answers to others. One more takes the place of the oldest. */
const MOST = 8;

/** Seconds for which a dialog may wait: the server refuses older ones. */
const LIFETIME = 600;

export interface Dialog {
  /** The dialog's ID is its CSRF token, which nobody must learn from the store. */
  readonly id: string;
  readonly record: TransactionRecord;
}

/** What a record has, sealed with the browser's secret. */
interface Kept {
  /** Those from eight on are for answers. */
  readonly place: number;
  /** Greater than that of every dialog that waited when this one was stored. */
  readonly turn: number;
  /** Whether it was stored in a place that had nothing, and not by replacing a record. */
  readonly isFirst: boolean;
  /** Absent in a place that was left. */
  readonly dialog?: Dialog | undefined;
}

/** The record that a place has now. */
export interface Held extends Kept {
  readonly storedAs: string;
}

/** A dialog that waits, or an answer. */
export type Found = Held & { readonly dialog: Dialog };

/** A place to store in, and what it has until then. */
export interface Place {
  readonly place: number;
  readonly held?: Held | undefined;
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** Stands for the browser in `list`. It is no user's subject. */
export function subjectOf(browser: string): string {
  return reservedSubject('transactions', digest(`browser:${browser}`));
}

/** A place is an authorization of its own, of which `list` gives the one record that is not consumed. All of a browser share a tag. */
function recordOf(browser: string, rest: string, kept: Kept, now: number): TokenRecord {
  const subject = subjectOf(browser);
  const tag = digest(subject).slice(0, 3);
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

/**
 * The first record of a place. Its ID is the same for all who found the place free, so that one of them stores it. It is another one after
 * `LIFETIME`, since a store need not take the ID of an expired record.
 */
export function firstRecord(browser: string, kept: Omit<Kept, 'isFirst'>, now: number): TokenRecord {
  const rest = digest(`first:${browser}:${kept.place}:${Math.floor(now / LIFETIME)}`);
  return recordOf(browser, rest, { ...kept, isFirst: true }, now);
}

/** A record that replaces another one. Each has another ID: who has read an earlier one cannot take this one for it. */
export function nextRecord(browser: string, kept: Omit<Kept, 'isFirst'>, now: number): TokenRecord {
  return recordOf(browser, random(32), { ...kept, isFirst: false }, now);
}

export function heldIn({ id: storedAs, kind, data }: StoredRecord, browser: string): Held[] {
  return kind === 'transaction' ? [{ ...(unseal(String(data), browser) as Kept), storedAs }] : [];
}

/** Those that have a dialog, oldest first. */
export function byTurn(held: readonly Held[]): readonly Found[] {
  const found = held.filter((each): each is Found => each.dialog !== undefined);
  return found.sort((one, other) => one.turn - other.turn);
}

/** From another one on each time, so that concurrent requests try different places. */
function rotated<T>(list: readonly T[]): readonly T[] {
  const start = Math.floor(Math.random() * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

/** The places to try for a dialog, the best first: its own, if it has one; those that have none; and then those of the oldest. */
export function placesFor({ id, record }: Dialog, held: readonly Held[]): readonly Place[] {
  const start = record.answer === undefined ? 0 : MOST;
  const places = Array.from({ length: MOST }, (_, i): Place => {
    const place = start + i;
    return { place, held: held.find((each) => each.place === place) };
  });
  const of = (each: Place): Dialog | undefined => each.held?.dialog;
  return [
    ...places.filter((each) => of(each)?.id === id),
    ...rotated(places.filter((each) => of(each) === undefined)),
    ...places
      .filter((each) => of(each) !== undefined && of(each)?.id !== id)
      .sort((one, other) => (one.held?.turn ?? 0) - (other.held?.turn ?? 0)),
  ];
}
