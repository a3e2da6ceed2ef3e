/** The repositories that @jmondi/oauth2-server wants, in memory. */
import {
  type OAuthAuthCode,
  type OAuthAuthCodeRepository,
  type OAuthClient,
  type OAuthClientRepository,
  OAuthException,
  type OAuthScopeRepository,
  type OAuthToken,
  type OAuthTokenRepository,
  type OAuthUserRepository,
} from '@jmondi/oauth2-server';
import { type App, alice, api, apps, LIFETIMES, SCOPE } from '../clients.js';
import { isSame, newToken } from './application.js';

/** A client in its words. Who introspects must be allowed the client credentials there. */
function entity(app: App): OAuthClient {
  return {
    id: app.client_id,
    name: app.client_id,
    secret: app.client_secret,
    redirectUris: app.redirect_uris,
    allowedGrants: (app === api ? ['client_credentials'] : app.grant_types) as OAuthClient['allowedGrants'],
    scopes: app.scope.split(' ').map((name) => ({ name })),
  };
}

const clients = new Map([...apps].map(([id, app]) => [id, entity(app)]));
const scopes = new Map([[SCOPE, { name: SCOPE }]]);
const codes = new Map<string, OAuthAuthCode>();
const accessTokens = new Map<string, OAuthToken>();
const refreshTokens = new Map<string, OAuthToken>();

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000);

/** What is there. @throws OAuthException */
function found<T>(value: T | undefined): T {
  if (value === undefined) throw OAuthException.invalidGrant();
  return value;
}

export const clientRepository: OAuthClientRepository = {
  async getByIdentifier(id) {
    const client = clients.get(id);
    if (!client) throw OAuthException.invalidClient();
    return client;
  },
  async isClientValid(grantType, client, secret = '') {
    return client.allowedGrants.includes(grantType) && isSame(secret, client.secret ?? '');
  },
};

export const scopeRepository: OAuthScopeRepository = {
  async getAllByIdentifiers(names) {
    return names.flatMap((name) => scopes.get(name) ?? []);
  },
  async finalize(asked, _grantType, client) {
    if (asked.every(({ name }) => client.scopes.some((registered) => registered.name === name))) return asked;
    throw OAuthException.invalidScope();
  },
};

export const userRepository: OAuthUserRepository = {
  async getUserByCredentials(id) {
    return id === alice.id ? { id: alice.id } : undefined;
  },
};

export const authCodeRepository: OAuthAuthCodeRepository = {
  async getByIdentifier(code) {
    return found(codes.get(code));
  },
  issueAuthCode(client, user, allowed) {
    return { code: newToken(), expiresAt: inSeconds(LIFETIMES.code), client, user: user ?? null, scopes: allowed };
  },
  async persist(code) {
    code.expiresAt = inSeconds(LIFETIMES.code); // its own are 15 minutes
    codes.set(code.code, code);
  },
  async isRevoked(code) {
    return !codes.has(code);
  },
  async revoke(code) {
    codes.delete(code);
  },
};

export const tokenRepository: OAuthTokenRepository & Required<Pick<OAuthTokenRepository, 'getByAccessToken'>> = {
  async issueToken(client, allowed, user) {
    const accessTokenExpiresAt = inSeconds(LIFETIMES.accessToken);
    return { accessToken: newToken(), accessTokenExpiresAt, client, user: user ?? null, scopes: allowed };
  },
  async persist(token) {
    accessTokens.set(token.accessToken, token);
  },
  async issueRefreshToken(token) {
    token.refreshToken = newToken();
    token.refreshTokenExpiresAt = inSeconds(LIFETIMES.refreshToken);
    refreshTokens.set(token.refreshToken, token);
    return token;
  },
  async revoke(token) {
    accessTokens.delete(token.accessToken);
    if (token.refreshToken) refreshTokens.delete(token.refreshToken);
  },
  async isRefreshTokenRevoked(token) {
    return !refreshTokens.has(token.refreshToken ?? '');
  },
  async getByRefreshToken(token) {
    return found(refreshTokens.get(token));
  },
  async getByAccessToken(token) {
    return found(accessTokens.get(token));
  },
};
