import type { Confirmation, IssuedTokens, Scope } from '../types.js';
import type { AccessData } from './access-token.js';
import { type Granted, toData } from './granted.js';
import type { Settings } from './options.js';
import { idOf, newSecret } from './secret.js';
import type { TokenKind, TokenRecord } from './store.js';

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
  /** The key that the access token is bound to. */
  readonly confirmation?: Confirmation | undefined;
  readonly withRefreshToken: boolean;
  /** Whether the refresh token is all that its client has to prove: it is then bound to the key, too. */
  readonly isPublic?: boolean;
}

function recordOf(granted: Granted, kind: TokenKind, id: string, expiresAt: number, data: unknown): TokenRecord {
  const { authorizationID, clientID, subject } = granted;
  return { id, kind, authorizationID, clientID, subject, expiresAt, data };
}

async function mintAccessToken<C, U>(
  settings: Settings<C, U>,
  client: C,
  granted: Granted,
  { scope = granted.scope, confirmation }: MintOptions,
) {
  const { authorizationID, clientID, subject, authentication, authorizedAt } = granted;
  const { accessToken, authorization } = settings.lifetimes(client);
  const issuedAt = settings.now();
  const expiresAt = Math.min(issuedAt + accessToken, authorizedAt + authorization); // no token outlives what it came from
  const data: AccessData = { scope, issuedAt, ...settings.accessTokens.origin, confirmation, ...authentication };
  const { token, id } = await settings.accessTokens.mint({ authorizationID, clientID, subject, expiresAt, ...data });
  return { token, scope, expiresAt, record: recordOf(granted, 'access_token', id, expiresAt, data) };
}

/**
 * A public client's refresh token is bound to the key that its access token is bound to, or stays bound to the one it was: RFC 8705 §4,
 * RFC 9449 §5. Others need no such thing: their authentication binds it (RFC 8705 §7.1), and they may change their certificates.
 */
function mintRefreshToken<C, U>(
  settings: Settings<C, U>,
  client: C,
  granted: Granted,
  { confirmation: key, isPublic = false }: MintOptions,
) {
  const { refreshToken, authorization } = settings.lifetimes(client);
  const token = newSecret('refresh_token', granted.authorizationID);
  const expiresAt = Math.min(settings.now() + refreshToken, granted.authorizedAt + authorization);
  const confirmation = isPublic ? (key ?? granted.confirmation) : undefined;
  return {
    token,
    record: recordOf(granted, 'refresh_token', idOf(token), expiresAt, toData(granted, confirmation)),
  };
}

/** Makes an access token, and a refresh token where one is given. */
export async function mint<C, U>(
  settings: Settings<C, U>,
  client: C,
  granted: Granted,
  options: MintOptions,
): Promise<Minted> {
  const access = await mintAccessToken(settings, client, granted, options);
  const { scope } = access;
  const refresh = options.withRefreshToken ? mintRefreshToken(settings, client, granted, options) : undefined;
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
