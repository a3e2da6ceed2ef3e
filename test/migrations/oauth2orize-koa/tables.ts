/** The tables that the application keeps for oauth2orize-koa. The library has none of its own. */
import { createHash, randomBytes } from 'node:crypto';
import { hashed, type Table, table } from '../database.js';

export interface Client {
  readonly id: string;
  readonly name: string;
  /** Absent for apps on phones, which cannot keep a secret. */
  readonly secretHash?: string;
  readonly callbacks: readonly string[];
}

/** What users have allowed, which a code, an access token and a refresh token stand for. */
export interface Allowed {
  readonly clientID: string;
  readonly userID: string;
  readonly scope: readonly string[];
}

export interface CodeRow extends Allowed {
  /** As the authorization request had it. */
  readonly redirectURI?: string;
  /** RFC 7636, of apps on phones. */
  readonly challenge?: string;
  /** In milliseconds. */
  readonly expires: number;
}

export interface AccessTokenRow extends Allowed {
  /** In milliseconds. */
  readonly expires: number;
}

export const clients: Table<Client> = table('clients');
/** By the hash of the code, and so on. */
export const codes: Table<CodeRow> = table('codes');
export const accessTokens: Table<AccessTokenRow> = table('access_tokens');
/** They never end. */
export const refreshTokens: Table<Allowed> = table('refresh_tokens');
/** What each user allowed each client, so that nobody is asked twice. */
export const consents: Table<readonly string[]> = table('consents');

export const uid = (): string => randomBytes(24).toString('hex');
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const registered: readonly Client[] = [
  {
    id: 'web',
    name: 'A web site',
    secretHash: hashed('secret-of-web', 'salt-web'),
    callbacks: ['https://web.example/cb'],
  },
  { id: 'phone', name: 'An app', callbacks: ['com.example.app:/cb'] },
  {
    id: 'other',
    name: 'Another',
    secretHash: hashed('secret-of-other', 'salt-other'),
    callbacks: ['https://other.example/cb'],
  },
];
for (const client of registered) if (!clients.doesExist(client.id)) clients.putSync(client.id, client);
