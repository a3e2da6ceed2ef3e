/** The authorizations that a user has given in one login session. */
import { requireSubject } from '../clients/subject.js';
import type { AllowedInSession, LoginSession } from '../plugs.js';
import { accessDataOf } from './access-token.js';
import { revokeFamily, type Service } from './audit.js';
import { toGranted } from './granted.js';
import { PENDING } from './pending.js';
import { idOfUsed } from './secret.js';
import { type StoredRecord, StoreUnavailableError } from './store.js';

/** The kind of the records of `noteLogin`. */
const LOGIN = 'login';

/** The least seconds for which a login is remembered: longer than the sessions of most applications. */
const REMEMBERED = 24 * 60 * 60;

/** Seconds within which the logins of one user to one client are noted only once. */
const SPAN = REMEMBERED / 2;

/**
 * Whether a record only notes that a client has logged a user in. It is not an authorization. At the logout the client is told of it, and the record is
 * removed.
 */
export function isLoginNote({ kind }: StoredRecord): boolean {
  return kind === LOGIN;
}

/** @see ConnectedTokens.noteLogin */
export async function noteLogin<C, U>(
  { settings: { store, now } }: Service<C, U>,
  { subject, sessionID, clientID }: LoginSession & { readonly clientID: string },
): Promise<void> {
  requireSubject(subject, 'tokens.noteLogin({ subject })');
  const time = now();
  const span = Math.floor(time / SPAN);
  const id = idOfUsed(JSON.stringify([LOGIN, subject, sessionID, clientID, span])); // a store keeps the first record of an ID, and its expiry
  const expiresAt = (span + 1) * SPAN + REMEMBERED;
  await store.put(
    [{ id, kind: LOGIN, authorizationID: id, clientID, subject, expiresAt, data: sessionID ?? null }],
    time,
  );
}

interface Login {
  readonly record: StoredRecord;
  readonly sessionID: string | undefined;
  readonly isOffline: boolean;
}

/** The kinds of records that contain the whole authorization. */
const WHOLE: ReadonlySet<string> = new Set(['code', 'refresh_token', PENDING]);

/** The login session of a record; undefined for records of extensions. */
function loginOf(record: StoredRecord): Login | undefined {
  const { kind } = record;
  if (kind === 'access_token') {
    const { sessionID, scope } = accessDataOf(record);
    return { record, sessionID, isOffline: scope.includes('offline_access') };
  }
  if (isLoginNote(record)) return { record, sessionID: (record.data as string | null) ?? undefined, isOffline: false };
  if (!WHOLE.has(kind)) return undefined;
  const { authentication, scope } = toGranted(record);
  return { record, sessionID: authentication?.sessionID, isOffline: scope.includes('offline_access') };
}

/**
 * Ends the authorizations and notes of these records.
 *
 * @param left the records that are left to end: those that have ended are removed, so that a further call continues with the rest
 * @throws StoreUnavailableError that names the authorizations that could not be ended
 */
async function endAll<C, U>(service: Service<C, U>, left: Set<StoredRecord>): Promise<void> {
  const { store } = service.settings;
  const failures: unknown[] = [];
  const end = async (record: StoredRecord): Promise<void> => {
    await (isLoginNote(record) ? store.remove(record.id) : revokeFamily(service, undefined, record));
    left.delete(record);
  };
  await Promise.all([...left].map((record) => end(record).catch((error) => failures.push(error))));
  if (failures.length === 0) return;
  const [cause] = failures;
  const ids = Array.from(left, ({ authorizationID }) => authorizationID).join(', ');
  throw new StoreUnavailableError(`Authorizations have not ended: ${ids}: ${String(cause)}`, 1, { cause });
}

/** @see OpenID Connect Back-Channel Logout §2.3, §2.7 */
export async function allowedInSession<C, U>(
  service: Service<C, U>,
  { subject, sessionID }: LoginSession,
): Promise<AllowedInSession> {
  const { store, now } = service.settings;
  const logins = (await store.list(subject, now()))
    .flatMap((record) => loginOf(record) ?? [])
    .filter((login) => sessionID === undefined || login.sessionID === sessionID);
  const left = new Set(logins.flatMap(({ record, isOffline }) => (isOffline ? [] : [record])));
  return {
    clientIDs: [...new Set(logins.map(({ record }) => record.clientID))],
    sessionsOf(clientID) {
      const own = logins.filter(({ record }) => record.clientID === clientID);
      return [...new Set(own.flatMap((login) => login.sessionID ?? []))];
    },
    end: () => endAll(service, left),
  };
}
