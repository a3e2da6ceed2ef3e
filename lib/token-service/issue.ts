import type { IssuedTokens, Scope } from '../types.js';
import { type Granted, toData } from './granted.js';
import type { Settings } from './options.js';
import { idOf, newSecret } from './secret.js';
import type { StoredRecord, TokenKind, TokenRecord } from './store.js';

/** What is kept with an access token. */
export interface AccessData {
  readonly scope: Scope;
  readonly issuedAt: number;
}

/** @throws Error when the record is not what was put there */
export function accessDataOf({ authorizationID, data }: StoredRecord): AccessData {
  const { scope, issuedAt } = (data ?? {}) as Partial<AccessData>;
  if (!Array.isArray(scope) || typeof issuedAt !== 'number')
    throw new Error(`A stored token of ${authorizationID} cannot be read`);
  return { scope, issuedAt };
}

/** Tokens that were made and not yet stored. */
export interface Minted {
  readonly tokens: IssuedTokens;
  readonly records: readonly TokenRecord[];
  readonly kinds: readonly TokenKind[];
  readonly scope: Scope;
  /** When the access token ends: what `expires_in` counts down to. */
  readonly expiresAt: number;
}

export interface MintOptions {
  /** What the access token may do, when it is less than what was granted. */
  readonly scope?: Scope | undefined;
  readonly withRefreshToken: boolean;
}

function recordOf(granted: Granted, kind: TokenKind, id: string, expiresAt: number, data: unknown): TokenRecord {
  const { authorizationID, clientID, subject } = granted;
  return { id, kind, authorizationID, clientID, subject, expiresAt, data };
}

async function mintAccessToken<C, U>(settings: Settings<C, U>, client: C, granted: Granted, scope: Scope) {
  const { authorizationID, clientID, subject } = granted;
  const issuedAt = settings.now();
  const expiresAt = issuedAt + settings.lifetimes(client).accessToken;
  const claims = { authorizationID, clientID, subject, scope, issuedAt, expiresAt };
  const { token, id } = await settings.accessTokens.mint(claims);
  const data: AccessData = { scope, issuedAt };
  return { token, expiresAt, record: recordOf(granted, 'access_token', id, expiresAt, data) };
}

function mintRefreshToken<C, U>(settings: Settings<C, U>, client: C, granted: Granted) {
  const { refreshToken, authorization } = settings.lifetimes(client);
  const token = newSecret('refresh_token', granted.authorizationID);
  const expiresAt = Math.min(settings.now() + refreshToken, granted.authorizedAt + authorization);
  return { token, record: recordOf(granted, 'refresh_token', idOf(token), expiresAt, toData(granted)) };
}

/** Makes an access token, and a refresh token where one is given. */
export async function mint<C, U>(
  settings: Settings<C, U>,
  client: C,
  granted: Granted,
  { scope = granted.scope, withRefreshToken }: MintOptions,
): Promise<Minted> {
  const access = await mintAccessToken(settings, client, granted, scope);
  const refresh = withRefreshToken ? mintRefreshToken(settings, client, granted) : undefined;
  return {
    tokens: {
      access_token: access.token,
      expires_in: access.expiresAt - settings.now(),
      ...(refresh && { refresh_token: refresh.token }),
      ...(scope.length > 0 && { scope: scope.join(' ') }),
    },
    records: refresh ? [access.record, refresh.record] : [access.record],
    kinds: refresh ? ['access_token', 'refresh_token'] : ['access_token'],
    scope,
    expiresAt: access.expiresAt,
  };
}
