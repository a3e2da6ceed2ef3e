/**
 * The users, from seed.json, with argon2id hashes of their passwords (alice's is `wonderland`, bob's `builder`). A real server would read its
 * users from a database here.
 */
import { hash, verify } from '@node-rs/argon2';
import type { AuthenticationEvent } from 'koauthorize';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password_hash: string;
  /** Further claims, by the names of OpenID Connect Core §5.1. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** How and when the user logged in. Only the user of a session has it: see sessions.ts. */
  readonly login?: AuthenticationEvent;
}

/** All claims of a user that clients can get, if the user allows it. openid() sends only the requested ones. */
export function claimsOf({ name, email, username, claims }: User): Readonly<Record<string, unknown>> {
  return { name, email, preferred_username: username, ...claims };
}

export interface Users {
  find(id: string | undefined): User | undefined;
  /** The user with this name, for CIBA. */
  named(username: string | undefined): User | undefined;
  /** The user with this name and password. Unknown names take as long as wrong passwords, so that the time does not tell which names exist. */
  check(username: string, password: string): Promise<User | undefined>;
}

export async function openUsers(users: readonly User[]): Promise<Users> {
  const nobody = await hash('nobody has this password');
  const named = (username: string | undefined): User | undefined => users.find((one) => one.username === username);
  return {
    find: (id) => users.find((user) => user.id === id),
    named,
    async check(username, password) {
      const user = named(username);
      return (await verify(user?.password_hash ?? nobody, password)) ? user : undefined;
    },
  };
}
