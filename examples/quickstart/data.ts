/** What a real server keeps in a database: people, clients and sessions. Here it is gone at restart; the tokens are not. */
import { randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
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

/** A registered client, in the words of RFC 7591, and the hash of its secret. */
export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly secret_hash: string;
}

/** The API of examples/api. It asks nobody for anything; it may know of every access token. */
export const apiRegistration = {
  client_id: 'greetings',
  client_name: 'Greetings',
  redirect_uris: [],
  grant_types: [],
  secret: 'only-greetings-knows',
};
export const resourceServer = ({ client_id }: App): boolean => client_id === apiRegistration.client_id;

/**
 * Sessions, for koa-session: the cookie is only the key. Bounded: one above `most` takes the place of the one that was written longest
 * ago. All live equally long, so that one is also the first to end, and the map has it first.
 */
export function sessionStore(most = 10_000) {
  const sessions = new Map<string, { data: object; expires: number }>();
  return {
    async get(key: string) {
      const session = sessions.get(key);
      return session && session.expires > Date.now() ? structuredClone(session.data) : undefined;
    },
    async set(key: string, data: object, maxAge: number) {
      sessions.delete(key); // what is set anew comes last
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
  // an unknown name takes as long as a wrong password, else the time would tell which names there are
  const hash = await scrypt(password, user?.salt ?? 'nobody', 32);
  return timingSafeEqual(hash, user?.passwordHash ?? Buffer.alloc(32));
}

/** What the application remembers. It begins with the clients that are registered, and one user. */
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
