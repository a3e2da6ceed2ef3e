/** Reads the clock of the store. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { TokenStore } from '../token-service/store.js';

/** Seconds after which the record expires if it cannot be removed. */
const LIFETIME = 86_400;

/** Writes a record, marks it as used, which makes the store return its time, and removes the record. */
async function askTime(store: TokenStore, now: number): Promise<number | undefined> {
  const tag = randomBytes(3).toString('base64url');
  const id = `${tag}.${randomBytes(32).toString('base64url')}`;
  const record = {
    id,
    kind: 'doctor',
    authorizationID: `${tag}.doctor`,
    clientID: '',
    expiresAt: now + LIFETIME,
    data: {},
  };
  await store.put([record], now);
  const used = await store.consume(id, { now });
  await store.remove(id);
  return used?.now;
}

/** @returns epoch seconds, or undefined if the store does not answer in time */
export async function storeTime(store: TokenStore, now: number, timeout: number): Promise<number | undefined> {
  const end = new AbortController();
  const late = setTimeout(timeout * 1000, undefined, { signal: end.signal }).catch(() => undefined);
  try {
    return await Promise.race([askTime(store, now), late]);
  } catch {
    return undefined;
  } finally {
    end.abort();
  }
}
