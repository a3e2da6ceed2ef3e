/** Where koa-session keeps sessions, so that every process finds them: the cookie is only the key. */
import type { CreateSessionOptions } from 'koa-session';
import { type Database, keyOf } from './database.js';

export function sharedSessions(database: Database): NonNullable<CreateSessionOptions['store']> {
  return {
    get: (key) => database.get(keyOf('session', key)),
    set: (key, session, maxAge) => database.set(keyOf('session', key), session, maxAge / 1000),
    async destroy(key) {
      await database.remove(keyOf('session', key));
    },
  };
}
