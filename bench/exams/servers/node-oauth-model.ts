/** The model that @node-oauth/oauth2-server wants. */
import type {
  AuthorizationCode,
  AuthorizationCodeModel,
  Client,
  RefreshToken,
  RefreshTokenModel,
  Token,
} from '@node-oauth/oauth2-server';
import type { App } from '../../servers/clients.js';
import { isSame, newToken } from '../../servers/peers/application.js';
import { Records } from './records.js';
import { examined } from './world.js';

/** A client in its words. */
function entity({ client_id, client_secret, grant_types, redirect_uris, scope }: App): Client {
  return {
    id: client_id,
    secret: client_secret,
    grants: grant_types,
    redirectUris: redirect_uris,
    scope: scope.split(' '),
  };
}

export const clients: ReadonlyMap<string, Client> = new Map([...examined].map(([id, app]) => [id, entity(app)]));

const codes = new Records<AuthorizationCode>();
const accessTokens = new Records<Token>();
const refreshTokens = new Records<RefreshToken>();

export const model: AuthorizationCodeModel & RefreshTokenModel = {
  // null: the client of an authorization request. undefined: of a token request that brings no secret.
  // Else it is whatever the form has, an object included.
  async getClient(id, secret: unknown) {
    const client = clients.get(id);
    if (secret === null) return client;
    return client && typeof secret === 'string' && isSame(secret, client['secret']) ? client : undefined;
  },
  async validateScope(_user, client, scope = client['scope']) {
    return scope.every((word: string) => client['scope'].includes(word)) && scope;
  },

  generateAuthorizationCode: async () => newToken(),
  generateAccessToken: async () => newToken(),
  generateRefreshToken: async () => newToken(),

  async saveAuthorizationCode(code, client, user) {
    const kept = { ...code, client, user };
    await codes.put(code.authorizationCode, kept);
    return kept;
  },
  getAuthorizationCode: (code) => codes.get(code),
  revokeAuthorizationCode: async ({ authorizationCode }) => (await codes.take(authorizationCode)) !== undefined,

  async saveToken(token, client, user) {
    const kept = { ...token, client, user };
    await accessTokens.put(token.accessToken, kept);
    if (token.refreshToken) await refreshTokens.put(token.refreshToken, { ...kept, refreshToken: token.refreshToken });
    return kept;
  },
  getAccessToken: (token) => accessTokens.get(token),
  getRefreshToken: (token) => refreshTokens.get(token),
  revokeToken: async ({ refreshToken }) => (await refreshTokens.take(refreshToken)) !== undefined,
};
