/** The repositories that @jmondi/oauth2-server wants, in memory. */
import {
  type OAuthAuthCode,
  type OAuthAuthCodeRepository,
  type OAuthClientRepository,
  OAuthException,
  type OAuthToken,
  type OAuthTokenRepository,
  type OAuthUserRepository,
} from '@jmondi/oauth2-server';
import { alice, apps, LIFETIMES } from '../clients.js';
import { isSame, newToken } from './application.js';
import { entity, found, inSeconds } from './jmondi-koa.js';

const clients = new Map([...apps].map(([id, app]) => [id, entity(app)]));
const codes = new Map<string, OAuthAuthCode>();
const accessTokens = new Map<string, OAuthToken>();
const refreshTokens = new Map<string, OAuthToken>();

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
