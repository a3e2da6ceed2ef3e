/**
 * The keys of this server: made at the first start, by whichever process is first, and kept in the storage, so that whoever reads
 * the storage can sign. Where keys belong in a vault, read them from there here. To rotate: koauthorize's `keySet().rotate()`.
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

/** What access tokens are signed with. */
export async function signingKeys(collections: Collections): Promise<KeySet> {
  return keySet({ signing: await kept<JWK>(collections, 'access tokens', () => generateSigningKey('ES256')) });
}

/** By which attempts are given a counter: see rate-limits.ts. */
export async function limitSecret(collections: Collections): Promise<string> {
  return kept(collections, 'limits', async () => randomBytes(32).toString('base64url'));
}

/** What cookies are signed with, where the configuration does not say. */
export async function cookieKeys(collections: Collections): Promise<string[]> {
  return kept(collections, 'cookies', async () => [randomBytes(32).toString('base64url')]);
}
