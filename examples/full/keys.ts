/**
 * The keys of this server. The first process makes them, all processes share them in the storage, and they rotate by themselves. Private keys are encrypted
 * with KEYS. Without KEYS, the encryption secret is made at the first start and kept in the same storage, so that anyone who can read the storage can sign
 * tokens. If you have a key management service, give its keys to koauthorize's `keySet()`, or encrypt with it: `rotatingKeys({ encryption })`.
 */
import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { type RotatingKeys, rotatingKeys } from 'koauthorize/tokens';
import type { Config } from './config.js';
import type { Collections, Storage } from './storage/index.js';

const COLLECTION = 'keys';

async function kept<T>(collections: Collections, id: string, make: () => Promise<T>): Promise<T> {
  const found = await collections.get(COLLECTION, id);
  if (found !== undefined) return found as T;
  await collections.add(COLLECTION, id, await make()); // unless another process was first
  return (await collections.get(COLLECTION, id)) as T;
}

/** The keys that sign tokens: for ES256, for RS256, which is the default for ID tokens, and for clients that registered PS256 or EdDSA. */
export async function signingKeys(
  { keys }: Pick<Config, 'keys'>,
  { collections, tokens: store }: Pick<Storage, 'collections' | 'tokens'>,
  onError?: (error: unknown) => void,
): Promise<RotatingKeys> {
  const made = await kept(collections, 'signing keys', async () => randomBytes(32).toString('base64url'));
  const earlier = (await collections.get(COLLECTION, 'access tokens')) as JWK | undefined; // version 0.1 of this example had one key only
  return rotatingKeys({
    store,
    secret: [...keys, made],
    algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
    adopt: earlier ? [earlier] : [],
    ...(onError && { onError }),
  });
}

/** The secret that assigns counters to attempts: see rate-limits.ts. */
export async function limitSecret(collections: Collections): Promise<string> {
  return kept(collections, 'limits', async () => randomBytes(32).toString('base64url'));
}

/** The keys that sign cookies, if the configuration has none. */
export async function cookieKeys(collections: Collections): Promise<string[]> {
  return kept(collections, 'cookies', async () => [randomBytes(32).toString('base64url')]);
}
