/** What may be used once, and is not ours to make: the `jti` of an assertion. */
import type { Service } from './audit.js';
import { idOfUsed } from './secret.js';

/** Seconds for which a use is remembered beyond its end: the clocks of machines that share a store differ, and step back. */
const SKEW = 60;

/**
 * Tells exactly one caller that it is the first to use a key.
 *
 * Whoever uses it stores a record of it, unless there is one, and then consumes it, which succeeds once. A process that ends between
 * the two has told nobody anything, and leaves the key to the next.
 *
 * @see RFC 7523 §3 item 7
 */
export async function useOnce<C, U>({ settings }: Service<C, U>, key: string, expiresAt: number): Promise<boolean> {
  const now = settings.now();
  if (!(expiresAt > now && Number.isFinite(expiresAt))) return false; // could not be remembered
  const id = idOfUsed(key);
  const record = {
    id,
    kind: 'jti',
    authorizationID: id,
    clientID: '',
    expiresAt: expiresAt + SKEW,
    data: null,
  } as const;
  await settings.store.put([record], now);
  const consumed = await settings.store.consume(id, { now });
  return consumed?.first === true;
}
