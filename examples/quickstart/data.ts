/** Users, clients and sessions, which a real server keeps in a database. Here they are in memory, and lost at a restart. Tokens are stored elsewhere, and are not lost. */
import { randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Context } from 'koa';
import type { Client } from 'koauthorize';
import { hashClientSecret } from 'koauthorize/client-auth';

const scrypt = promisify<string, string, number, Buffer>(scryptWithCallback);

export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly salt: string;
  readonly passwordHash: Buffer;
}

/** A registered client, with the member names of RFC 7591, and the hash of its secret. */
export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly secret_hash: string;
}

/** The API of examples/api. It has no grant, so that it can get no tokens; it may introspect every access token. */
export const apiRegistration = {
  client_id: 'greetings',
  client_name: 'Greetings',
  redirect_uris: [],
  grant_types: [],
  secret: 'only-greetings-knows',
};
export const resourceServer = ({ client_id }: App): boolean => client_id === apiRegistration.client_id;

/** The cookie with the key of the session. */
export const SESSION_COOKIE = 'quickstart';

/**
 * A session store for koa-session: the cookie has only the key. It keeps at most `most` sessions; one more replaces the session that was written
 * longest ago. All sessions have the same lifetime, so that this one is also the first to expire. It is the first of the map.
 */
export function sessionStore(most = 10_000) {
  const sessions = new Map<string, { data: object; expires: number }>();
  return {
    async get(key: string) {
      const session = sessions.get(key);
      return session && session.expires > Date.now() ? structuredClone(session.data) : undefined;
    },
    async set(key: string, data: object, maxAge: number, { ctx }: { readonly ctx?: Pick<Context, 'cookies'> }) {
      // A key that the browser sent is only replaced: a request that began before the logout must not store the session again
      if (ctx?.cookies.get(SESSION_COOKIE) === key && !sessions.has(key)) return;
      sessions.delete(key); // a key that is set again is then the last of the map
      for (const [oldest, { expires }] of sessions) {
        if (expires > Date.now() && sessions.size < most) break;
        sessions.delete(oldest);
      }
      sessions.set(key, { data: structuredClone(data), expires: Date.now() + maxAge });
    },
    async destroy(key: string) {
      sessions.delete(key);
    },
  };
}

async function checkPassword(user: User | undefined, password: string): Promise<boolean> {
  // an unknown name takes as long as a wrong password, so that the time does not tell which names exist
  const hash = await scrypt(password, user?.salt ?? 'nobody', 32);
  return timingSafeEqual(hash, user?.passwordHash ?? Buffer.alloc(32));
}

/** The data of the application: the registered clients, one user, and no session. */
export async function openData(registered: readonly (Omit<App, 'secret_hash'> & { readonly secret: string })[]) {
  const salt = randomBytes(16).toString('hex');
  const alice: User = {
    id: 'u1',
    username: 'alice',
    name: 'Alice Liddell',
    email: 'alice@example.com',
    salt,
    passwordHash: await scrypt('wonderland', salt, 32),
  };
  const users = [alice];
  const apps = registered.map(({ secret, ...app }): App => ({ ...app, secret_hash: hashClientSecret(secret) }));

  return {
    sessions: sessionStore(),
    findUser: (id: string | undefined) => users.find((user) => user.id === id),
    findClient: (id: string) => apps.find((app) => app.client_id === id) ?? null,
    async checkUser(username: string, password: string) {
      const user = users.find((one) => one.username === username);
      return (await checkPassword(user, password)) ? user : undefined;
    },
  };
}

export type Data = Awaited<ReturnType<typeof openData>>;
