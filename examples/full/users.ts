/** Who can log in: those of seed.json. Of passwords there are argon2id hashes only (alice's is `wonderland`, bob's `builder`). A real server has its users in a table of its own, and this file asks it. */
import { hash, verify } from '@node-rs/argon2';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string;
  readonly password_hash: string;
}

export interface Users {
  find(id: string | undefined): User | undefined;
  /** The user of that name and password. Names that do not exist take as long as wrong passwords. */
  check(username: string, password: string): Promise<User | undefined>;
}

export async function openUsers(users: readonly User[]): Promise<Users> {
  const nobody = await hash('nobody has this password');
  return {
    find: (id) => users.find((user) => user.id === id),
    async check(username, password) {
      const user = users.find((one) => one.username === username);
      return (await verify(user?.password_hash ?? nobody, password)) ? user : undefined;
    },
  };
}
