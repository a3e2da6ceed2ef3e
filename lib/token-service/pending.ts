/** Authorizations whose tokens a client fetches later without an authorization code, such as a device that polls. */
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { PendingAuthorization, PendingAuthorizations } from '../plugs.js';
import { random } from '../secrets/random.js';
import { newGranted } from './allowed.js';
import { consumeOrGiveUp, report, revokeFamily, type Service } from './audit.js';
import { toGranted, toGrantedRecord } from './granted.js';
import { mint, told } from './mint.js';
import { idFrom } from './secret.js';
import type { Consumed, StoredRecord } from './store.js';

/** The kind of its records. */
export const PENDING = 'pending';

/** Makes an ID under which no code or token is stored: presented as a code or token, it finds nothing. */
function newID(authorizationID: string): string {
  return idFrom(`${authorizationID}${random(16)}`, 'pending:');
}

/**
 * Requires that this call was the first to fetch the tokens. If the response of an earlier call was lost because the store did not answer, the tokens are
 * revoked: nobody has received them.
 *
 * @throws TokenError if this call was not the first
 */
async function requireFirst<C, U>(
  service: Service<C, U>,
  client: C,
  record: StoredRecord,
  consumed: Consumed | undefined,
): Promise<void> {
  if (consumed?.first) return;
  if (consumed && service.givenUp.has(record.id, service.settings.now())) await revokeFamily(service, client, record);
  const reason = consumed ? 'fetched before' : 'expired or revoked meanwhile';
  throw reasoned(new TokenError('The authorization was fetched, or has ended', 'invalid_grant'), reason, {
    authorization: record.authorizationID,
  });
}

function pendingOf<C, U>(service: Service<C, U>, record: StoredRecord): PendingAuthorization<C> {
  const { settings } = service;
  const granted = toGranted(record);
  return {
    authorization: granted,
    isFetched: record.consumedAt !== undefined,
    async issue(request, respond) {
      const { client } = request;
      const options = {
        withRefreshToken: settings.givesRefreshToken(client, granted),
        isPublic: settings.isPublic(request),
        isFinal: !settings.rotates(request),
      };
      const minted = await mint(settings, request, granted, options);
      await respond?.(minted.tokens); // before the record is consumed: if this throws, the authorization stays pending
      const consumption = { now: settings.now(), next: minted.records };
      await requireFirst(service, client, record, await consumeOrGiveUp(service, record.id, consumption));
      report(service, 'issued', granted, told(minted));
      return minted.tokens;
    },
  };
}

export function pendingAuthorizations<C, U>(service: Service<C, U>): PendingAuthorizations<C, U> {
  const { store, now } = service.settings;
  return {
    async keep(authorization, user, expiresAt) {
      const granted = await newGranted(service, authorization, user);
      const { authorizationID, clientID, subject } = granted;
      const id = newID(authorizationID);
      const data = toGrantedRecord(granted, granted.confirmation);
      const isKept = await store.put(
        [{ id, kind: PENDING, authorizationID, clientID, subject, expiresAt, data }],
        now(),
      );
      if (!isKept) throw new Error('The store has not kept an authorization');
      return id;
    },
    async find(id) {
      const record = await store.get(id, now());
      return record?.kind === PENDING ? pendingOf(service, record) : undefined;
    },
    remove: (id) => store.remove(id),
  };
}
