/**
 * Session middleware gives each request a copy of its session and writes the copy back as a whole, so of two requests at once the later
 * one takes back what the earlier one has added. Here requests of one session in one process share what the toolkit keeps in it: the
 * very same object stands in each copy, so whichever is written last has the changes of both.
 */
import { epoch } from '../clock.js';
import { Expiring } from './expiring.js';
import type { Records } from './session-access.js';

interface Shared<V> {
  readonly values: Records<V>;
  /** IDs that were removed: a copy from before does not bring them back. */
  readonly gone: Set<string>;
}

/** Seconds that a request may have been at work before it comes to the toolkit. */
const LIFETIME = 10;
/** Sessions that are at work at the same time. */
const MOST = 1000;
/** Removed IDs of a session. */
const MOST_GONE = 64;

const sessions = new Expiring<Shared<unknown>>({ now: epoch, lifetime: LIFETIME, most: MOST });

/** @param own what this request's copy of the session has */
export function share<V>(sessionKey: string, member: string, own: Records<V> | undefined): Shared<V> {
  const key = JSON.stringify([sessionKey, member]);
  const shared = (sessions.get(key) as Shared<V> | undefined) ?? {
    values: Object.create(null),
    gone: new Set<string>(),
  };
  for (const [id, value] of Object.entries(own ?? {})) {
    if (!Object.hasOwn(shared.values, id) && !shared.gone.has(id)) shared.values[id] = value;
  }
  sessions.set(key, shared);
  return shared;
}

export function drop<V>({ values, gone }: Shared<V>, id: string): boolean {
  gone.add(id);
  for (const oldest of gone) {
    if (gone.size <= MOST_GONE) break;
    gone.delete(oldest);
  }
  return Object.hasOwn(values, id) && delete values[id];
}
