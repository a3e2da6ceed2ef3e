/** The tables that the repositories of @jmondi/oauth2-server keep their entities in. */
import { hashed, type Table, table } from '../database.js';
import { required } from '../settings.js';

interface Named {
  readonly name: string;
}

/** OAuthClient */
export interface Client {
  readonly id: string;
  readonly name: string;
  /** The hash; absent for apps on phones, which cannot keep a secret. */
  readonly secret?: string;
  readonly redirectUris: readonly string[];
  readonly allowedGrants: readonly string[];
  readonly scopes: readonly Named[];
}

/** OAuthAuthCode, with IDs in place of client and user. */
export interface CodeRow {
  readonly code: string;
  readonly clientID: string;
  readonly userID: string;
  readonly scopes: readonly string[];
  readonly redirectUri?: string | null;
  readonly codeChallenge?: string | null;
  readonly codeChallengeMethod?: 'S256' | 'plain' | null;
  readonly expiresAt: Date;
  readonly isRevoked?: boolean;
}

/** OAuthToken, likewise. */
export interface TokenRow {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken?: string | null;
  readonly refreshTokenExpiresAt?: Date | null;
  readonly clientID: string;
  readonly userID?: string | undefined;
  readonly scopes: readonly string[];
  readonly isRevoked?: boolean;
}

export const SCOPES: readonly Named[] = [{ name: 'read' }, { name: 'write' }];

export const clients: Table<Client> = table('clients');
export const codes: Table<CodeRow> = table('codes');
/** By the ID of the access token. */
export const tokens: Table<TokenRow> = table('tokens');
/** From the ID of a refresh token to that of its access token. */
export const refreshTokens: Table<string> = table('refresh_tokens');
/** What each user allowed each client, so that nobody is asked twice. */
export const consents: Table<readonly string[]> = table('consents');

/** That of JwtService, by which codes and tokens are signed: 32 bytes or more. */
export const SIGNING_SECRET = required('SIGNING_SECRET');

const allowed = { allowedGrants: ['authorization_code', 'refresh_token'], scopes: SCOPES };
const registered: readonly Client[] = [
  {
    id: 'web',
    name: 'A web site',
    secret: hashed('secret-of-web', 'salt-web'),
    redirectUris: ['https://web.example/cb'],
    ...allowed,
  },
  { id: 'phone', name: 'An app', redirectUris: ['com.example.app:/cb'], ...allowed },
  {
    id: 'other',
    name: 'Another',
    secret: hashed('secret-of-other', 'salt-other'),
    redirectUris: ['https://other.example/cb'],
    ...allowed,
  },
];
for (const client of registered) if (!clients.doesExist(client.id)) clients.putSync(client.id, client);
