/**
 * Lists the sessions of each user, so that users see where they are logged in, and can log out there. This file also limits how many sessions a user may have.
 */
import type { Collections, Documents } from './storage/index.js';
import type { User } from './users.js';

export interface ListedSession {
  /** The `sid` that clients get. */
  readonly id: string;
  /** Epoch seconds. */
  readonly since: number;
  /** The description of the browser, by its User-Agent. */
  readonly browser: string;
  readonly address: string;
  /** The key of the stored session. */
  readonly document: string;
}

export interface SessionList {
  add(user: User, session: ListedSession): Promise<void>;
  /** The sessions that have not ended, the newest first. */
  list(user: User): Promise<readonly ListedSession[]>;
  /** Ends a session in all processes. @returns whether there was such a session of this user */
  end(user: User, id: string): Promise<boolean>;
}

/** The most sessions of one user. A further one ends the oldest. */
const MOST = 50;
/** The most characters of a description. */
const LONGEST = 200;

const of = (user: User): string => `sessions of ${user.id}`;

export function openSessionList(collections: Collections, documents: Documents): SessionList {
  const all = async (user: User): Promise<ListedSession[]> =>
    [...((await collections.list(of(user))).values() as Iterable<ListedSession>)].sort((a, b) => b.since - a.since);
  const end: SessionList['end'] = async (user, id) => {
    const found = (await collections.get(of(user), id)) as ListedSession | undefined;
    if (found) await documents.remove(found.document);
    return collections.remove(of(user), id);
  };
  const list: SessionList['list'] = async (user) => {
    const there: ListedSession[] = [];
    for (const session of await all(user)) {
      if ((await documents.get(session.document)) !== undefined) there.push(session);
      else await collections.remove(of(user), session.id); // it has expired
    }
    return there;
  };
  return {
    list,
    end,
    async add(user, session) {
      await collections.put(of(user), session.id, { ...session, browser: session.browser.slice(0, LONGEST) });
      for (const { id } of (await all(user)).slice(MOST)) await end(user, id);
    },
  };
}
