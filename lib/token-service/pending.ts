/** What was allowed, and whose tokens are still to be fetched by a client that has no code for it: a device that polls. */
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

/** An ID that no code or token is stored under: whoever sends it as one finds nothing. */
function newID(authorizationID: string): string {
  return idFrom(`${authorizationID}${random(16)}`, 'pending:');
}

/**
 * Ends tokens whose answer was lost when the store did not answer: nobody has them.
 *
 * @throws TokenError where this call did not spend it
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
    async issue(request, respond) {
      const { client } = request;
      const options = {
        withRefreshToken: settings.givesRefreshToken(client, granted),
        isPublic: settings.isPublic(request),
        isFinal: !settings.rotates(request),
      };
      const minted = await mint(settings, request, granted, options);
      await respond?.(minted.tokens); // what it throws must leave the authorization where it is
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
