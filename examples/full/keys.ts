/**
 * The keys of this server. The first process makes them at the first start and keeps them in the storage, so anyone who can read the storage can
 * sign tokens. If you have a vault, read the keys from it here. To rotate keys, use koauthorize's `keySet().rotate()`.
 */
import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import type { Collections } from './storage/index.js';

const COLLECTION = 'keys';

async function kept<T>(collections: Collections, id: string, make: () => Promise<T>): Promise<T> {
  const found = await collections.get(COLLECTION, id);
  if (found !== undefined) return found as T;
  await collections.add(COLLECTION, id, await make()); // unless another process was first
  return (await collections.get(COLLECTION, id)) as T;
}

/** The key that signs access tokens. */
export async function signingKeys(collections: Collections): Promise<KeySet> {
  return keySet({ signing: await kept<JWK>(collections, 'access tokens', () => generateSigningKey('ES256')) });
}

/** The secret that assigns counters to attempts: see rate-limits.ts. */
export async function limitSecret(collections: Collections): Promise<string> {
  return kept(collections, 'limits', async () => randomBytes(32).toString('base64url'));
}

/** The keys that sign cookies, if the configuration has none. */
export async function cookieKeys(collections: Collections): Promise<string[]> {
  return kept(collections, 'cookies', async () => [randomBytes(32).toString('base64url')]);
}
