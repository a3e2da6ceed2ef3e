/** Bounds what can be stored here in the name of a public client: anybody can send requests in its name. */
import { CLOCK_SKEW } from '../../clock.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { recentlyUsed } from '../../keys/recently-used.js';
import type { EphemeralStore } from '../../plugs.js';

/** Seconds of one window. */
const WINDOW = 60;

/** Clients whose next slot this process remembers. For one that it has forgotten it looks from the first slot on. */
const MAX_CLIENTS = 1000;

/** RFC 9126 §2.3: 429 where a client exceeds the number of requests. RFC 6585 §4: when to try again. */
function tooMany(perMinute: number, retryAfter: number): OAuth2Error {
  const error = new OAuth2Error('Too many pushed requests', 'temporarily_unavailable', undefined, 429, {
    headers: { 'Retry-After': String(retryAfter) },
  });
  return reasoned(error, 'Requests of this public client have filled pushedRequests({ publicPerMinute })', {
    publicPerMinute: perMinute,
  });
}

/**
 * Numbered slots for each public client and minute. A request takes a slot by `add`, which is true for one caller in all processes, so
 * there are never more requests than slots. Each process begins where it found the last free slot: in one minute it asks the store about
 * each slot once at most, and about none when all are taken.
 *
 * @param perMinute the number of slots of one client
 */
export function publicSlots(perMinute: number) {
  const nextSlot = recentlyUsed(MAX_CLIENTS, () => ({ window: 0, slot: 0 }));
  return async (store: EphemeralStore, clientID: string, now: number): Promise<void> => {
    const window = Math.floor(now / WINDOW);
    const end = (window + 1) * WINDOW;
    const next = nextSlot(clientID);
    if (next.window !== window) Object.assign(next, { window, slot: 0 });
    while (next.window === window && next.slot < perMinute) {
      const key = JSON.stringify(['pushed request slot', clientID, window, next.slot]);
      next.slot += 1; // before the store answers, so that concurrent requests try different slots
      if ((await store.add(key, true, end + CLOCK_SKEW)) === true) return;
    }
    throw tooMany(perMinute, Math.max(1, Math.ceil(end - now)));
  };
}
