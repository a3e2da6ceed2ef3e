/** The database of the applications, which stays when the library is replaced. Here it is LMDB: a directory. */
import { scryptSync, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { DATA } from './settings.js';

export type Table<T> = Database<T, string>;

const root = open({ path: join(DATA, 'application'), maxDbs: 12 });

export function table<T>(name: string): Table<T> {
  return root.openDB<T, string>({ name });
}

/** Users, as their table has had them all the time. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly passwordHash: string;
  readonly plan: string;
}

export const users: Table<User> = table('users');

/** What koa-session keeps. */
export const sessions: Table<object> = table('sessions');

/** Passwords of users and secrets of clients: salt and scrypt. */
export function hashed(secret: string, salt: string): string {
  return `${salt}.${scryptSync(secret, salt, 32).toString('base64url')}`;
}

export function matches(secret: string, stored: string): boolean {
  const [salt = ''] = stored.split('.');
  const [one, other] = [Buffer.from(hashed(secret, salt)), Buffer.from(stored)];
  return one.length === other.length && timingSafeEqual(one, other);
}

const people = [
  ['alice', 'Alice', 'gold'],
  ['bob', 'Bob', 'silver'],
] as const;
for (const [id, name, plan] of people)
  if (!users.doesExist(id))
    users.putSync(id, { id, name, plan, passwordHash: hashed(`password of ${id}`, `salt-${id}`) });
