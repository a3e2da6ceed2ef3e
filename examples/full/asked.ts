/**
 * CIBA: a client elsewhere, such as a till, names a user, who decides on a device of their own. A product would send the `id` of the request to the user's
 * telephone, in a push message or a text; here it is in a list on a page.
 */
import { type BackchannelAuthenticationPlug, backchannelAuthentication } from 'koauthorize';
import type { App } from './clients.js';
import { decisionOf } from './decisions.js';
import { type Collections, keyOf } from './storage/index.js';
import type { User, Users } from './users.js';

interface Note {
  readonly id: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

export interface Asked {
  readonly ciba: BackchannelAuthenticationPlug<App, User>;
  /** The IDs of requests that may still wait for a user. */
  list(user: User): Promise<readonly string[]>;
}

const collectionOf = ({ id }: User): string => `asked of ${id}`;

/** Removes expired entries, so that the list stays bounded even for users who never open it. */
async function removeOver(collections: Collections, collection: string): Promise<void> {
  for (const [key, note] of await collections.list(collection))
    if ((note as Note).expiresAt < Date.now() / 1000) await collections.remove(collection, key);
}

export function openAsked(users: Users, collections: Collections): Asked {
  const ciba = backchannelAuthentication<App, User>({
    decision: (_ctx, form) => decisionOf(form),
    requireBindingMessage: true, // the user compares the message with the one that the client shows
    findUser: ({ loginHint, sub }) => (sub === undefined ? users.named(loginHint) : users.find(sub)),
    async ask(_ctx, { id, user, expiresAt }) {
      await removeOver(collections, collectionOf(user));
      await collections.put(collectionOf(user), keyOf('asked', id), { id, expiresAt });
    },
  });
  return {
    ciba,
    async list(user) {
      const collection = collectionOf(user);
      const waiting: string[] = [];
      for (const [key, note] of await collections.list(collection)) {
        const { id, expiresAt } = note as Note;
        const isOver = expiresAt < Date.now() / 1000 || !(await ciba.find(id, user));
        if (isOver) await collections.remove(collection, key);
        else waiting.push(id);
      }
      return waiting;
    },
  };
}
