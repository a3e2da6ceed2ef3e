/** What users have allowed, so that they are not asked twice. How long an answer counts, and of which clients, is decided here. */
import { type Scope, scopeOf, type Transaction } from 'koauthorize';
import type { App } from './clients.js';
import type { Collections } from './storage/index.js';
import type { User } from './users.js';

export interface Consent {
  readonly scope: Scope;
  /** Epoch seconds. */
  readonly since: number;
}

export interface Consents {
  /** What the user need not be asked again in this transaction. */
  remembered(txn: Transaction<App, User>): Promise<Scope>;
  /** Whether that is all that the client asks for. */
  covers(txn: Transaction<App, User>): Promise<boolean>;
  add(txn: Transaction<App, User>): Promise<void>;
  list(user: User): Promise<ReadonlyMap<string, Consent>>;
  remove(user: User, clientID: string): Promise<void>;
}

/**
 * Whether it is certain that the answer gets to this client and no other: it has a secret, without which a code is worth nothing, or
 * an https address. Any program on a device can pretend to be an app that has neither: its user is asked each time.
 *
 * @see RFC 8252 §8.6, RFC 6749 §10.2
 */
export function canBeToldApart({ client, redirectURI, req }: Transaction<App, User>): boolean {
  const isConfidential = client.token_endpoint_auth_method !== 'none' && req.type === 'code';
  return isConfidential || redirectURI.startsWith('https:');
}

const of = (user: User): string => `consents of ${user.id}`;

export function openConsents(collections: Collections): Consents {
  const find = async (user: User | undefined, { client_id }: App): Promise<Consent | undefined> =>
    user && ((await collections.get(of(user), client_id)) as Consent | undefined);
  const remembered = async (txn: Transaction<App, User>): Promise<Scope> =>
    canBeToldApart(txn) ? ((await find(txn.user, txn.client))?.scope ?? []) : [];
  return {
    remembered,
    async covers(txn) {
      const [asked, allowed] = [txn.req.scope ?? [], await remembered(txn)];
      return asked.length > 0 && asked.every((word) => allowed.includes(word));
    },
    async add({ client, user, req, res }) {
      if (!user) return;
      const earlier = await find(user, client);
      // what was not asked for this time stays; what was, and is not ticked, goes
      const untouched = earlier?.scope.filter((word) => !req.scope?.includes(word)) ?? [];
      const scope = [...untouched, ...(scopeOf(res) ?? req.scope ?? [])];
      const since = earlier?.since ?? Math.floor(Date.now() / 1000);
      await collections.put(of(user), client.client_id, { scope, since });
    },
    async list(user) {
      return (await collections.list(of(user))) as ReadonlyMap<string, Consent>;
    },
    async remove(user, clientID) {
      await collections.remove(of(user), clientID);
    },
  };
}
