import type { Scope } from '../types.js';
import { revokeFamily, type Service } from './audit.js';
import type { GrantedData } from './granted.js';
import type { AccessData } from './issue.js';
import type { StoredRecord } from './store.js';

/** What a user allowed a client, and is still good: a row of a "connected apps" page. */
export interface ConnectedApp {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly scope: Scope;
  /** Epoch seconds after which nothing of it counts, unless it is used before. */
  readonly expiresAt: number;
}

function scopeOf({ kind, data }: StoredRecord): Scope {
  return kind === 'access_token' ? (data as AccessData).scope : (data as GrantedData).authorization.scope;
}

/** All that a user has authorized; of one authorization, what lives longest speaks for it. */
export async function listAuthorizations<C, U>({ settings }: Service<C, U>, user: U): Promise<readonly ConnectedApp[]> {
  const apps = new Map<string, ConnectedApp>();
  for (const record of await settings.store.list(settings.subject(user), settings.now())) {
    const { authorizationID, clientID, expiresAt, kind } = record;
    const longest = apps.get(authorizationID);
    if (kind === 'code' || (longest && longest.expiresAt >= expiresAt)) continue;
    apps.set(authorizationID, { authorizationID, clientID, expiresAt, scope: scopeOf(record) });
  }
  return [...apps.values()];
}

/** Ends one of a user's authorizations. @returns whether it was this user's, and there */
export async function revokeAuthorization<C, U>(
  service: Service<C, U>,
  user: U,
  authorizationID: string,
): Promise<boolean> {
  const app = (await listAuthorizations(service, user)).find((one) => one.authorizationID === authorizationID);
  if (!app) return false;
  await revokeFamily(service, undefined, { ...app, subject: service.settings.subject(user) });
  return true;
}
