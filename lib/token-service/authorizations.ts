import { requireKnown } from '../options.js';
import type { Claims, Scope } from '../types.js';
import { accessDataOf, isPart } from './access-token.js';
import { revokeFamily, type Service } from './audit.js';
import { type Further, furtherOf, toGranted } from './granted.js';
import { isLoginNote } from './login-session.js';
import type { StoredRecord } from './store.js';
import { withUser } from './user-within.js';

/** What a user allowed a client, and is still good: a row of a "connected apps" page, with what extensions have added to the authorization. */
export interface ConnectedApp extends Further {
  readonly authorizationID: string;
  readonly clientID: string;
  readonly scope: Scope;
  /** Epoch seconds after which nothing of it counts, unless it is used before. */
  readonly expiresAt: number;
  /** Further claims of the access token, where there is no refresh token: all that is left of what extensions have added. */
  readonly claims?: Claims;
}

/** What was allowed: with a refresh token the whole authorization, and else what its access token says. */
function allowedBy(record: StoredRecord): Pick<ConnectedApp, 'scope' | 'claims'> & Further {
  if (record.kind === 'access_token') {
    const { scope, claims, audience } = accessDataOf(record);
    return { scope, ...(claims && { claims }), ...(audience && { audience }) };
  }
  const granted = toGranted(record);
  return Object.assign(furtherOf(granted), { scope: granted.scope });
}

/**
 * Whether a record is of an authorization. What the toolkit keeps of its own, such as signing keys, names no client. A kind that is not known counts: where it
 * stands for an authorization in `list`, the tokens would stay.
 */
function isOfAuthorization(record: StoredRecord): boolean {
  return record.clientID !== '' && !isLoginNote(record);
}

const LISTED: ReadonlySet<string> = new Set(['access_token', 'refresh_token']);

/** All that a user has authorized, and whose tokens a client has; a code on its way is not among it. */
export async function listAuthorizations<C, U>({ settings }: Service<C, U>, user: U): Promise<readonly ConnectedApp[]> {
  const records = await settings.store.list(settings.subject(user), settings.now());
  return records
    .filter(({ kind }) => LISTED.has(kind))
    .map((record) => {
      const { authorizationID, clientID, expiresAt } = record;
      return Object.assign({ authorizationID, clientID, expiresAt }, allowedBy(record));
    });
}

/** Ends one of a user's authorizations, a code on its way to the client included. @returns whether it was this user's, and there */
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

/** Whose authorizations are to end: a user's, a client's, or those of one user at one client. */
export type AuthorizationsOf<C, U> =
  | { readonly user: U; readonly client?: C | undefined }
  | { readonly client: C; readonly user?: undefined };

/** The authorizations of a client, or of a user; of each, one record or more. */
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

/** Ends all that a user has authorized, or all of a client, codes on their way included. @returns how many authorizations */
export async function revokeAll<C, U>(service: Service<C, U>, whose: AuthorizationsOf<C, U>): Promise<number> {
  requireKnown<AuthorizationsOf<C, U>>(whose, { user: true, client: true }, 'revokeAll');
  const { settings } = service;
  const clientID = whose.client === undefined ? undefined : settings.clientID(whose.client);
  const ended = new Set<string>();
  for await (const record of recordsOf(service, whose)) {
    const isMeant = clientID === undefined || record.clientID === clientID;
    if (!isMeant || !isOfAuthorization(record) || ended.has(record.authorizationID)) continue;
    if (isPart(record)) {
      await settings.store.remove(record.id); // and not what another client was allowed
      continue;
    }
    ended.add(record.authorizationID);
    await revokeFamily(service, whose.client, withUser(record));
  }
  return ended.size;
}
