/**
 * A custom extension: a client whose registration asks for it is told that the user was not asked, since they had allowed the same before. Other clients do not
 * learn this. Postcards tells its users, who would otherwise wonder why there was no question.
 */
import type { Extension } from 'koauthorize';
import type { App } from './clients.js';
import type { User } from './users.js';

/** The value for `txn.locals` when a request is answered without asking the user. */
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
