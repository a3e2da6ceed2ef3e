import { findAdopted } from './adopt.js';
import type { Service } from './audit.js';
import { type FamilyData, familyIDOf, isOfFamily } from './family.js';
import { idOf, isOfKind } from './secret.js';
import type { StoredRecord } from './store.js';
import { withUser } from './user-within.js';

/** What is known of a refresh token. */
export interface FoundRefreshToken {
  /** Its own record, or that of its family. */
  readonly record?: StoredRecord | undefined;
  /** It was spent, within its life, and its own record is gone: `record` is its family's. */
  readonly isForgotten: boolean;
}

/** The record of the family of a refresh token that was spent, within its life, and whose own record is gone. */
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
 * What a refresh token stands for, spent or not; nothing where it is unknown, expired, or its authorization has ended.
 *
 * @param client who presents it: one of another library is taken over from its own client. Without it none is
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
