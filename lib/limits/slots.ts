/** Limits, across all processes, how often something may happen within a period, such as requests that strangers can send. */
import { CLOCK_SKEW } from '../clock.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { recentlyUsed } from '../oldest-first.js';
import type { EphemeralStore } from '../plugs.js';

/** The most keys whose next slot this process remembers. For a key that it has forgotten, it may try all slots again. */
const MAX_KEYS = 1000;

export interface SlotLimit {
  /** What is counted. Limits with different names are counted separately. */
  readonly name: string;
  /** The slots of one key in one period. */
  readonly most: number;
  /** The length of a period, in seconds. */
  readonly window: number;
}

/** Takes a slot of a key. @returns undefined; or, if no slot is free, the seconds until the next period */
export type TakeSlot = (store: EphemeralStore, key: string, now: number) => Promise<number | undefined>;

/**
 * Makes numbered slots for each key and period. A slot is taken by the store's `add`, which is true for exactly one caller in all processes, so that no slot is
 * taken twice. Each process continues after the last slot that it has tried: in one period it asks the store about each slot at most once, and about none
 * when it knows that all are taken. It begins at a random slot: a stranger with so many keys that they are forgotten would else make each request ask about all
 * slots that are taken.
 */
export function slots({ name, most, window }: SlotLimit): TakeSlot {
  const nextSlot = recentlyUsed(MAX_KEYS, () => ({ span: 0, slot: Math.floor(Math.random() * most), tried: 0 }));
  return async (store, key, now) => {
    const span = Math.floor(now / window);
    const end = (span + 1) * window;
    const next = nextSlot(key);
    if (next.span !== span) Object.assign(next, { span, tried: 0 });
    while (next.span === span && next.tried < most) {
      const slot = JSON.stringify([name, key, span, next.slot]);
      next.slot = (next.slot + 1) % most;
      next.tried += 1; // before the store answers, so that concurrent requests try different slots
      if ((await store.add(slot, true, end + CLOCK_SKEW)) === true) return undefined;
    }
    return Math.max(1, Math.ceil(end - now));
  };
}

/** The texts of the error if all slots are taken. */
export interface TooMany {
  /** For the client's developer. */
  readonly message: string;
  /** For the operator. */
  readonly why: string;
}

/** Takes a slot of a key. @throws OAuth2Error 429 if no slot is free. @see RFC 6585 §4 */
export type RequireSlot = (store: EphemeralStore, key: string, now: number) => Promise<void>;

export function requireSlots(limit: SlotLimit, { message, why }: TooMany): RequireSlot {
  const take = slots(limit);
  return async (store, key, now) => {
    const retryAfter = await take(store, key, now);
    if (retryAfter === undefined) return;
    const error = new OAuth2Error(message, 'temporarily_unavailable', undefined, 429, {
      headers: { 'Retry-After': String(retryAfter) },
    });
    throw reasoned(error, why, { most: limit.most, seconds: limit.window });
  };
}

/** The period in which the requests that strangers can send are counted, in seconds. */
const MINUTE = 60;

/**
 * Limits the requests that store something of each client in whose name a stranger can send them: a public one, or one that a stranger can have made.
 *
 * @param requests the kind of request, in the singular, for the message
 * @param option the option that sets `perMinute`, for the operator
 * @see RFC 9126 §2.3
 */
export function publicSlots(perMinute: number, requests: string, option: string): RequireSlot {
  return requireSlots(
    { name: `${requests} slot`, most: perMinute, window: MINUTE },
    {
      message: `Too many ${requests}s`,
      why: `Requests of this client have filled ${option}. It is public, or anybody could have made it`,
    },
  );
}
