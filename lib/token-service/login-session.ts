/** What was allowed in one login session of a user. */
import type { AllowedInSession, LoginSession } from '../plugs.js';
import { accessDataOf } from './access-token.js';
import { revokeFamily, type Service } from './audit.js';
import { toGranted } from './granted.js';
import type { StoredRecord } from './store.js';

interface Login {
  readonly record: StoredRecord;
  readonly sessionID: string | undefined;
  readonly isOffline: boolean;
}

/** The login that a record was made in. Records of extensions do not say. */
function loginOf(record: StoredRecord): Login | undefined {
  const { kind } = record;
  if (kind === 'access_token') {
    const { sessionID, scope } = accessDataOf(record);
    return { record, sessionID, isOffline: scope.includes('offline_access') };
  }
  if (kind !== 'code' && kind !== 'refresh_token') return undefined;
  const { authentication, scope } = toGranted(record);
  return { record, sessionID: authentication?.sessionID, isOffline: scope.includes('offline_access') };
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
  return {
    clientIDs: [...new Set(logins.map(({ record }) => record.clientID))],
    async end() {
      const online = logins.filter(({ isOffline }) => !isOffline);
      await Promise.all(online.map(({ record }) => revokeFamily(service, undefined, record)));
    },
  };
}
