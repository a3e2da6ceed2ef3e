import { findAdopted } from './adopt.js';
import type { Service } from './audit.js';
import { type FamilyData, familyIDOf, isOfFamily } from './family.js';
import { idOf, isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';
import { withUser } from './user-within.js';

/** A refresh token that was looked up. */
export interface FoundRefreshToken {
  /** Its own record, or that of its family. */
  readonly record?: StoredRecord | undefined;
  /** Whether it was spent, has not expired, and its own record was deleted: `record` is then the record of its family. */
  readonly isForgotten: boolean;
}

/** The record of the family of a refresh token that was spent, has not expired, and whose own record was deleted. */
async function findForgotten<C, U>(
  { settings }: Service<C, U>,
  token: string,
  now: number,
): Promise<StoredRecord | undefined> {
  const record = await settings.store.get(familyIDOf(token), now);
  const { key } = (record?.data ?? {}) as Partial<FamilyData>;
  const isForgotten = record?.kind === 'authorization' && typeof key === 'string' && isOfFamily(token, key, now);
  return isForgotten ? withUser(record) : undefined;
}

/**
 * Looks up a refresh token, spent or not. There is no record if it is unknown, expired, or its authorization has ended.
 *
 * @param client the client that presents it. A token of another library is taken over only if its own client presents it
 */
export async function findRefreshToken<C, U>(
  service: Service<C, U>,
  token: string,
  client?: C,
): Promise<FoundRefreshToken> {
  const { settings } = service;
  if (isOfKind('refresh_token', token)) {
    const now = settings.now();
    const own = await settings.store.get(idOf(token), now);
    if (own?.kind === 'refresh_token') return { record: own, isForgotten: false };
    const record = own ? undefined : await findForgotten(service, token, now);
    if (record) return { record, isForgotten: true };
  }
  const record = client === undefined ? undefined : await findAdopted(service, token, client);
  return { record, isForgotten: false };
}
