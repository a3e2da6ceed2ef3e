/** The users and clients of a new project. */
export const people = `/** The users, and the clients that may ask them. Put your database in their place. */
import { randomBytes, scrypt as scryptWithCallback, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hashClientSecret } from 'koauthorize/client-auth';

if (process.env['NODE_ENV'] === 'production')
  throw new Error('The users and clients of src/people are examples: put yours in their place, and remove this line');

const scrypt = promisify⟦<string, string, number, Buffer>⟧(scryptWithCallback);

⟦export interface User {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly salt: string;
  readonly passwordHash: Buffer;
}

⟧⟦/** With the names of RFC 7591. */
export interface App {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly scope: string;
  readonly secret_hash: string;
}

⟧const salt = randomBytes(16).toString('hex');
const users⟦: readonly User[]⟧ = [
  { id: 'u1', username: 'alice', name: 'Alice Liddell', salt, passwordHash: await scrypt('wonderland', salt, 32) },
];

const apps⟦: readonly App[]⟧ = [
  {
    client_id: 'demo',
    client_name: 'Demo',
    redirect_uris: ['http://localhost:4000/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'profile',
    secret_hash: hashClientSecret('only-the-demo-knows'),
  },
];

export const findApp = (id⟦: string⟧) => apps.find((app) => app.client_id === id);
export const findUser = (id⟦: string | undefined⟧) => users.find((user) => user.id === id);

/** The user with that name and password. An unknown name takes as long as a wrong password. */
export async function checkPassword(username⟦: string⟧, password⟦: string⟧)⟦: Promise<User | undefined>⟧ {
  const user = users.find((each) => each.username === username);
  const hash = await scrypt(password, user?.salt ?? 'nobody', 32);
  return timingSafeEqual(hash, user?.passwordHash ?? Buffer.alloc(32)) ? user : undefined;
}
`;
