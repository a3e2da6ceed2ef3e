import type { Scope } from '../types.js';
import { accessDataOf } from './access-token.js';
import { revokeFamily, type Service } from './audit.js';
import { toGranted } from './granted.js';
import type { StoredRecord } from './store.js';

/** What a user allowed a client, and is still good: a row of a "connected apps" page. */
export interface ConnectedApp {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly scope: Scope;
  /** Epoch seconds after which nothing of it counts, unless it is used before. */
  readonly expiresAt: number;
}

function scopeOf(record: StoredRecord): Scope {
  return record.kind === 'access_token' ? accessDataOf(record).scope : toGranted(record).scope;
}

async function recordsOf<C, U>({ settings }: Service<C, U>, user: U): Promise<readonly StoredRecord[]> {
  return settings.store.list(settings.subject(user), settings.now());
}

/** All that a user has authorized; of one authorization, what lives longest speaks for it. */
export async function listAuthorizations<C, U>(service: Service<C, U>, user: U): Promise<readonly ConnectedApp[]> {
  const apps = new Map<string, ConnectedApp>();
  for (const record of await recordsOf(service, user)) {
    const { authorizationID, clientID, expiresAt, kind } = record;
    const longest = apps.get(authorizationID);
    if (kind === 'code' || (longest && longest.expiresAt >= expiresAt)) continue;
    apps.set(authorizationID, { authorizationID, clientID, expiresAt, scope: scopeOf(record) });
  }
  return [...apps.values()];
}

/** Ends one of a user's authorizations, a code on its way to the client included. @returns whether it was this user's, and there */
export async function revokeAuthorization<C, U>(
  service: Service<C, U>,
  user: U,
  authorizationID: string,
): Promise<boolean> {
  const records = (await recordsOf(service, user)).filter((record) => record.authorizationID === authorizationID);
  const [longest] = records.sort((one, other) => other.expiresAt - one.expiresAt);
  if (!longest) return false;
  await revokeFamily(service, undefined, longest);
  return true;
}
