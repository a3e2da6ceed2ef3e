/** What a real server keeps in a database: people, clients and everything that was handed out. Here it is gone at restart. */
import { createHash, randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Authorization, Client } from 'koauthorize';

const scrypt = promisify<string, string, number, Buffer>(scryptWithCallback);
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

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
  readonly secretHash: Buffer;
}

/** What a code or a refresh token stands for: what koauthorize says, and for whom. All from one dialog share the `id`. */
export interface Granted extends Authorization {
  readonly id: string;
  readonly userID: string;
}

/** What an access token stands for. Without a user when a client asked on its own behalf. */
export type Access = Pick<Authorization, 'clientID' | 'scope'> & Partial<Pick<Granted, 'id' | 'userID'>>;

interface Kept<T> {
  readonly value: T;
  readonly expires: number;
  spent: boolean;
}

/** Values under secrets. Of a secret only the SHA-256 is kept, so that nobody who reads the store can use what is in it. */
export class Vault<T extends object> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #seconds: number;
  readonly #onReplay: (value: T) => void;

  constructor(seconds: number, onReplay: (value: T) => void = () => {}) {
    this.#seconds = seconds;
    this.#onReplay = onReplay;
  }

  put(value: T): string {
    for (const [key, { expires }] of this.#kept) {
      if (expires > Date.now()) break; // all live equally long, so the first are the oldest
      this.#kept.delete(key);
    }
    const secret = randomBytes(32).toString('base64url');
    const expires = Date.now() + this.#seconds * 1000;
    this.#kept.set(sha256(secret).toString('hex'), { value, expires, spent: false });
    return secret;
  }

  get(secret: string): T | undefined {
    return this.#find(secret)?.value;
  }

  /** The same, once: whoever comes second may have stolen it, or was robbed of it. */
  take(secret: string): T | undefined {
    const kept = this.#find(secret);
    if (kept?.spent) this.#onReplay(kept.value);
    if (!kept || kept.spent) return undefined;
    kept.spent = true;
    return kept.value;
  }

  remove(unwanted: (value: T) => boolean): void {
    for (const [key, { value }] of this.#kept) if (unwanted(value)) this.#kept.delete(key);
  }

  #find(secret: string): Kept<T> | undefined {
    const kept = this.#kept.get(sha256(secret).toString('hex'));
    return kept && kept.expires > Date.now() ? kept : undefined;
  }
}

/** Sessions, for koa-session: the cookie is only the key. */
function sessionStore() {
  const sessions = new Map<string, { data: object; expires: number }>();
  return {
    async get(key: string) {
      const session = sessions.get(key);
      return session && session.expires > Date.now() ? structuredClone(session.data) : undefined;
    },
    async set(key: string, data: object, maxAge: number) {
      for (const [other, { expires }] of sessions) if (expires <= Date.now()) sessions.delete(other);
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

/** Everything the server remembers. It begins with the clients that are registered, and one user. */
export async function openData(registered: readonly (Omit<App, 'secretHash'> & { readonly secret: string })[]) {
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
  const apps = registered.map(({ secret, ...app }): App => ({ ...app, secretHash: sha256(secret) }));

  const accessTokens = new Vault<Access>(10 * 60);
  const revoke = ({ id }: Granted): void => {
    accessTokens.remove((access) => access.id === id);
    refreshTokens.remove((granted) => granted.id === id);
  };
  const refreshTokens = new Vault<Granted>(30 * 24 * 60 * 60, revoke);
  const codes = new Vault<Granted>(60, revoke);

  return {
    accessTokens,
    refreshTokens,
    codes,
    sessions: sessionStore(),
    findUser: (id: string | undefined) => users.find((user) => user.id === id),
    findClient: (id: string) => apps.find((app) => app.client_id === id) ?? null,
    async checkUser(username: string, password: string) {
      const user = users.find((one) => one.username === username);
      return (await checkPassword(user, password)) ? user : undefined;
    },
    checkClient(id: string, secret: string) {
      const app = apps.find((one) => one.client_id === id);
      return app && timingSafeEqual(sha256(secret), app.secretHash) ? app : undefined;
    },
  };
}

export type Data = Awaited<ReturnType<typeof openData>>;
