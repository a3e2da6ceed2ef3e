/**
 * An extension of this example's own: a client that asks for it by its registration is told that the user was not asked, since they had allowed the same before.
 * Other clients do not learn it. Postcards tells its users, who would wonder where the question was.
 */
import type { Extension } from 'koauthorize';
import type { App } from './clients.js';
import type { User } from './users.js';

/** For `txn.locals`, by who answers in the user's place. */
export const REMEMBERED = { isRemembered: true } as const;

export const tellsRemembered: Extension<App, User> = {
  name: 'tellsRemembered',
  authorization: {
    respond({ client, locals }, { error }) {
      const isTold = client.tell_remembered_consent === true && locals?.['isRemembered'] === true && !error;
      return isTold ? { consent: 'remembered' } : undefined;
    },
  },
};
