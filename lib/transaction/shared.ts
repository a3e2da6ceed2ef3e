/**
 * Session middleware gives each request a copy of the session, and writes the whole copy back at the end. So of two concurrent requests, the
 * later one overwrites what the earlier one has added. To prevent this, requests of one session in one process share one object for the
 * toolkit's part of the session: each copy refers to that object, so the copy that is written last has the changes of both.
 */
import { epoch } from '../clock.js';
import { Expiring } from './expiring.js';
import { type Records, recordsOf, type Session } from './session-access.js';

export interface Shared<V> {
  readonly values: Records<V>;
  /** Removed IDs. A copy of the session from before the removal still has them, and must not bring them back. */
  readonly gone: Set<string>;
}

/** Longer than a request takes from reading its session to reaching the toolkit. */
const SHARED_SECONDS = 10;
/** The most sessions whose requests share an object at the same time. */
const MAX_SESSIONS = 1000;
/** The most removed IDs that are remembered for each session. */
const MAX_GONE = 64;

/** The most characters of all shared objects, as JSON. Strangers can begin sessions: with 8 dialogs in each of 1,000 sessions, they could fill 500 MB. */
const LARGEST = 8_000_000;

const sessions = new Expiring<Shared<unknown>>({
  now: epoch,
  lifetime: SHARED_SECONDS,
  max: MAX_SESSIONS,
  largest: LARGEST,
  sizeOf: ({ values }) => JSON.stringify(values).length,
});

/**
 * Makes this request's copy of the session refer to the shared object of the session.
 *
 * @param member the member of the session that has the records
 * @param change changes the shared records for this request
 * @returns the result of `change`
 */
export function share<V, T>(session: Session, sessionKey: string, member: string, change: (shared: Shared<V>) => T): T {
  const own = recordsOf<V>(session, member);
  const key = JSON.stringify([sessionKey, member]);
  const shared = (sessions.get(key) as Shared<V> | undefined) ?? {
    values: Object.create(null),
    gone: new Set<string>(),
  };
  for (const [id, value] of Object.entries(own ?? {})) {
    if (!Object.hasOwn(shared.values, id) && !shared.gone.has(id)) shared.values[id] = value;
  }
  session[member] = shared.values;
  const changed = change(shared);
  sessions.set(key, shared);
  return changed;
}

export function drop<V>({ values, gone }: Shared<V>, id: string): boolean {
  gone.add(id);
  for (const oldest of gone) {
    if (gone.size <= MAX_GONE) break;
    gone.delete(oldest);
  }
  return Object.hasOwn(values, id) && delete values[id];
}
