/** The sessions of each user: a user sees where they are logged in, and can log out there. How many one user may have is decided here. */
import type { Collections, Documents } from './storage/index.js';
import type { User } from './users.js';

export interface ListedSession {
  /** `sid` for the clients. */
  readonly id: string;
  /** Epoch seconds. */
  readonly since: number;
  /** What the browser said of itself. */
  readonly browser: string;
  readonly address: string;
  /** Where the session is stored. */
  readonly document: string;
}

export interface SessionList {
  add(user: User, session: ListedSession): Promise<void>;
  /** Those that are still there, the newest first. */
  list(user: User): Promise<readonly ListedSession[]>;
  /** Ends a session in all processes. @returns whether there was such a session of this user */
  end(user: User, id: string): Promise<boolean>;
}

/** Of one user. One more ends the oldest. */
const MOST = 50;
/** Characters. */
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
