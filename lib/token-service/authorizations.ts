import { requireKnown } from '../options.js';
import type { Claims, Scope } from '../types.js';
import { accessDataOf, isPart } from './access-token.js';
import { revokeFamily, type Service } from './audit.js';
import { type Further, furtherOf, toGranted } from './granted.js';
import { isLoginNote } from './login-session.js';
import type { StoredRecord } from './store.js';
import { withUser } from './user-within.js';

/** An authorization that has not ended: a row of a "connected apps" page, with the members that extensions have added to the authorization. */
export interface ConnectedApp extends Further {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly scope: Scope;
  /** When it ends, in epoch seconds, unless the client refreshes its tokens before. */
  readonly expiresAt: number;
  /** Further claims of the access token, if there is no refresh token: the access token has no other members of extensions. */
  readonly claims?: Claims;
}

/** What was allowed: by a refresh token, which has the whole authorization; or by an access token, which has less. */
function allowedBy(record: StoredRecord): Pick<ConnectedApp, 'scope' | 'claims'> & Further {
  if (record.kind === 'access_token') {
    const { scope, claims, audience } = accessDataOf(record);
    return { scope, ...(claims && { claims }), ...(audience && { audience }) };
  }
  const granted = toGranted(record);
  return Object.assign(furtherOf(granted), { scope: granted.scope });
}

/**
 * Whether a record belongs to an authorization. The toolkit's own records, such as signing keys, have no client. A record of an unknown kind counts: `list`
 * may give it as the only record of an authorization, and otherwise the tokens of this authorization could not be revoked.
 */
function isOfAuthorization(record: StoredRecord): boolean {
  return record.clientID !== '' && !isLoginNote(record);
}

const LISTED: ReadonlySet<string> = new Set(['access_token', 'refresh_token']);

/** The authorizations of a user for which clients have tokens. Codes that were not redeemed yet are left out. */
export async function listAuthorizations<C, U>({ settings }: Service<C, U>, user: U): Promise<readonly ConnectedApp[]> {
  const records = await settings.store.list(settings.subject(user), settings.now());
  return records
    .filter(({ kind }) => LISTED.has(kind))
    .map((record) => {
      const { authorizationID, clientID, expiresAt } = record;
      return Object.assign({ authorizationID, clientID, expiresAt }, allowedBy(record));
    });
}

/** Ends one of a user's authorizations, also if its code was not redeemed yet. @returns whether this user has the authorization */
export async function revokeAuthorization<C, U>(
  service: Service<C, U>,
  user: U,
  authorizationID: string,
): Promise<boolean> {
  const { settings } = service;
  const records = await settings.store.list(settings.subject(user), settings.now());
  const record = records.find((each) => each.authorizationID === authorizationID);
  if (!record || !isOfAuthorization(record)) return false;
  await revokeFamily(service, undefined, record);
  return true;
}

/** Which authorizations to revoke: all of a user, all of a client, or those that one user gave to one client. */
export type AuthorizationsOf<C, U> =
  | { readonly user: U; readonly client?: C | undefined }
  | { readonly client: C; readonly user?: undefined };

/** The records of a client's or user's authorizations: one or more for each authorization. */
function recordsOf<C, U>(
  { settings }: Service<C, U>,
  { user, client }: AuthorizationsOf<C, U>,
): AsyncIterable<StoredRecord> {
  const now = settings.now();
  if (user === undefined) return settings.store.listByClient(settings.clientID(client as C), now);
  const subject = settings.subject(user);
  const listed = async function* (): AsyncIterable<StoredRecord> {
    yield* await settings.store.list(subject, now);
  };
  return listed();
}

/** The live records of an authorization that belong to a client. */
async function* recordsWithin<C, U>(
  { settings: { store, now } }: Service<C, U>,
  authorizationID: string,
  clientID: string,
): AsyncIterable<StoredRecord> {
  const all = store.listByAuthorization?.(authorizationID, now()) ?? store.listByClient(clientID, now());
  for await (const record of all)
    if (record.authorizationID === authorizationID && record.clientID === clientID) yield record;
}

/** Removes what a client got by token exchange within an authorization of another client. */
async function removeParts<C, U>(service: Service<C, U>, authorizationID: string, clientID: string): Promise<void> {
  for await (const record of recordsWithin(service, authorizationID, clientID))
    if (isPart(record)) await service.settings.store.remove(record.id);
}

/** Ends all authorizations of a user, or of a client, including those whose code was not redeemed yet. @returns how many were ended */
export async function revokeAll<C, U>(service: Service<C, U>, whose: AuthorizationsOf<C, U>): Promise<number> {
  requireKnown<AuthorizationsOf<C, U>>(whose, { user: true, client: true }, 'revokeAll');
  const { settings } = service;
  const clientID = whose.client === undefined ? undefined : settings.clientID(whose.client);
  const ended = new Set<string>();
  for await (const record of recordsOf(service, whose)) {
    if (!isOfAuthorization(record) || ended.has(record.authorizationID)) continue;
    if (clientID !== undefined && record.clientID !== clientID) {
      await removeParts(service, record.authorizationID, clientID);
      continue;
    }
    if (isPart(record)) {
      await settings.store.remove(record.id); // only this part: the authorization itself belongs to another client
      continue;
    }
    ended.add(record.authorizationID);
    await revokeFamily(service, whose.client, withUser(record));
  }
  return ended.size;
}
