/** Counts in all processes what may happen so many times within a span of time, such as requests in the name of a public client. */
import { CLOCK_SKEW } from '../clock.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { recentlyUsed } from '../oldest-first.js';
import type { EphemeralStore } from '../plugs.js';

/** Keys whose next slot this process remembers. For one that it has forgotten it looks from the first slot on. */
const MAX_KEYS = 1000;

export interface SlotLimit {
  /** What is counted: slots of different names are different. */
  readonly name: string;
  /** Slots of one key in one span of time. */
  readonly most: number;
  /** The length of a span, in seconds. */
  readonly window: number;
}

/** Takes a slot of a key. @returns seconds after which there are free slots again, where there is none; else undefined */
export type TakeSlot = (store: EphemeralStore, key: string, now: number) => Promise<number | undefined>;

/**
 * Numbered slots for each key and span of time. A slot is taken by `add`, which is true for one caller in all processes, so there are never more
 * takers than slots. Each process begins where it found the last free slot: in one span it asks the store about each slot once at most, and
 * about none when all are taken.
 */
export function slots({ name, most, window }: SlotLimit): TakeSlot {
  const nextSlot = recentlyUsed(MAX_KEYS, () => ({ span: 0, slot: 0 }));
  return async (store, key, now) => {
    const span = Math.floor(now / window);
    const end = (span + 1) * window;
    const next = nextSlot(key);
    if (next.span !== span) Object.assign(next, { span, slot: 0 });
    while (next.span === span && next.slot < most) {
      const slot = JSON.stringify([name, key, span, next.slot]);
      next.slot += 1; // before the store answers, so that concurrent requests try different slots
      if ((await store.add(slot, true, end + CLOCK_SKEW)) === true) return undefined;
    }
    return Math.max(1, Math.ceil(end - now));
  };
}

/** What is said where all slots are taken. */
export interface TooMany {
  /** For the client's developer. */
  readonly message: string;
  /** For the operator. */
  readonly why: string;
}

/** Takes a slot of a key. @throws OAuth2Error 429 where there is none. @see RFC 6585 §4 */
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

/** Seconds of a span in which the requests of public clients are counted. */
const MINUTE = 60;

/**
 * Bounds what can be stored here in the name of a public client: anybody can send requests in its name.
 *
 * @param requests what they are, for the message
 * @param option where `perMinute` was said, for the operator
 * @see RFC 9126 §2.3
 */
export function publicSlots(perMinute: number, requests: string, option: string): RequireSlot {
  return requireSlots(
    { name: `${requests} slot`, most: perMinute, window: MINUTE },
    { message: `Too many ${requests}s`, why: `Requests of this public client have filled ${option}` },
  );
}
