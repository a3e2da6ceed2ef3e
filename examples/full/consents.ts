/** Remembers what users have allowed, so that they are not asked twice. This file decides how long an answer counts, and for which clients. */
import { randomUUID } from 'node:crypto';
import { AuthorizationError, type Scope, scopeOf, type Transaction } from 'koauthorize';
import { wordsOf } from './claims.js';
import type { App } from './clients.js';
import type { Collections } from './storage/index.js';
import type { User } from './users.js';

export interface Consent {
  /** The allowed scope, with the claims that were requested one by one as words. Empty once the consent was withdrawn. */
  readonly scope: Scope;
  /** Epoch seconds. */
  readonly since: number;
  /** A new value after each withdrawal. It tells dialogs from before a withdrawal from later ones. */
  readonly round?: string;
}

export interface Consents {
  /** What the user need not be asked again in this transaction. */
  remembered(txn: Transaction<App, User>): Promise<Scope>;
  /** For `server.authorization`, before it shows the dialog: whether the remembered consent covers the request; if not, the value that `add` needs later. */
  covers(txn: Transaction<App, User>): Promise<[true] | [false, { readonly round?: string | undefined }]>;
  /** Called after a request was answered without a dialog. @throws AuthorizationError if the user has withdrawn the consent at the same moment */
  confirm(txn: Transaction<App, User>): Promise<void>;
  /** Remembers a decision. @throws AuthorizationError if the user has withdrawn the consent since the dialog was shown */
  add(txn: Transaction<App, User>): Promise<void>;
  list(user: User): Promise<ReadonlyMap<string, Consent>>;
  remove(user: User, clientID: string): Promise<void>;
}

/** The most consents that are remembered for one user; concurrent requests may exceed it slightly. Above this, the user is asked each time. */
const MOST = 200;
/** Seconds for which a withdrawal is remembered. It must be longer than any dialog waits. */
const WITHDRAWN = 3600;

/**
 * Whether only this client can use the response: it has a secret, without which a code is useless, or an https redirect URI. Any program on a device can
 * pretend to be an app without both, so the users of such an app are asked each time.
 *
 * @see RFC 8252 §8.6, RFC 6749 §10.2
 */
export function canBeToldApart({ client, redirectURI, req }: Transaction<App, User>): boolean {
  const isConfidential = client.token_endpoint_auth_method !== 'none' && req.type === 'code';
  return isConfidential || redirectURI.startsWith('https:');
}

const of = (user: User): string => `consents of ${user.id}`;
const withdrawn = (): Error => new AuthorizationError('The user has withdrawn the consent', 'access_denied');
const now = (): number => Math.floor(Date.now() / 1000);

export function openConsents(collections: Collections): Consents {
  const find = async (user: User, clientID: string): Promise<Consent | undefined> =>
    (await collections.get(of(user), clientID)) as Consent | undefined;
  const list = async (user: User): Promise<ReadonlyMap<string, Consent>> =>
    (await collections.list(of(user))) as ReadonlyMap<string, Consent>;
  const earlierThan = async ({ user, client }: Transaction<App, User>): Promise<Consent | undefined> =>
    user && (await find(user, client.client_id));
  const countsFor = (txn: Transaction<App, User>, earlier: Consent | undefined): Scope =>
    canBeToldApart(txn) ? (earlier?.scope ?? []) : [];
  const covers: Consents['covers'] = async (txn) => {
    const earlier = await earlierThan(txn);
    const [asked, allowed] = [[...(txn.req.scope ?? []), ...wordsOf(txn.req)], countsFor(txn, earlier)];
    const isCovered = asked.length > 0 && asked.every((word) => allowed.includes(word));
    return isCovered ? [true] : [false, { round: earlier?.round }];
  };

  /** Changes a consent. Of two concurrent changes, the second one starts from the result of the first. */
  const change = async (user: User, id: string, make: (earlier: Consent | undefined) => Consent): Promise<void> => {
    for (;;) {
      const earlier = await find(user, id);
      const next = make(earlier);
      if (earlier) {
        if (await collections.change(of(user), id, earlier, next)) return;
      } else if ((await list(user)).size >= MOST || (await collections.add(of(user), id, next))) return;
    }
  };
  return {
    remembered: async (txn) => countsFor(txn, await earlierThan(txn)),
    covers,
    async confirm(txn) {
      if (!(await covers(txn))[0]) throw withdrawn();
    },
    async add({ client, user, req, res, info }) {
      if (!user) return;
      const { round } = (info ?? {}) as { readonly round?: string };
      await change(user, client.client_id, (earlier) => {
        // an answer to a dialog from before the withdrawal allows nothing, since the withdrawal is the later decision
        if (earlier?.round !== round) throw withdrawn();
        // scopes that were not requested this time stay; requested ones that were not ticked are removed
        const untouched =
          earlier?.scope.filter((word) => !req.scope?.includes(word) && !wordsOf(req).includes(word)) ?? [];
        const scope = [...untouched, ...(scopeOf(res) ?? req.scope ?? []), ...wordsOf(req)];
        return { scope, since: earlier?.scope.length ? earlier.since : now(), ...(round && { round }) };
      });
    },
    list: async (user) => new Map([...(await list(user))].filter(([, { scope }]) => scope.length > 0)),
    async remove(user, clientID) {
      await change(user, clientID, () => ({ scope: [], since: now(), round: randomUUID() }));
      const over = [...(await list(user))].filter(([, { scope, since }]) => !scope.length && since < now() - WITHDRAWN);
      for (const [id] of over) await collections.remove(of(user), id);
    },
  };
}
