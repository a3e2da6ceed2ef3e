// The repositories that @jmondi/oauth2-server asks for, over the tables of the application.
import { generateRandomToken } from '@jmondi/oauth2-server';
import { matches, users } from '../../database.js';
import { clients, codes, refreshTokens, SCOPES, tokens } from '../tables.js';

const HOUR = 60 * 60 * 1000;
const named = (scopes) => scopes.map((name) => ({ name }));
const namesOf = (scopes) => scopes.map(({ name }) => name);

/** Rows have IDs in place of client and user. */
function toEntity({ clientID, userID, scopes, ...row }) {
  return { ...row, client: clients.get(clientID), user: users.get(userID), scopes: named(scopes) };
}

function toRow({ client, user, scopes, ...entity }) {
  return { ...entity, clientID: client.id, userID: user?.id, scopes: namesOf(scopes) };
}

function found(row) {
  if (!row) throw new Error('There is no such row');
  return toEntity(row);
}

export const clientRepository = {
  getByIdentifier: async (id) => clients.get(id),
  isClientValid: async (grantType, client, secret) =>
    client.allowedGrants.includes(grantType) && (!client.secret || matches(secret ?? '', client.secret)),
};

export const scopeRepository = {
  getAllByIdentifiers: async (names) => SCOPES.filter(({ name }) => names.includes(name)),
  finalize: async (scopes) => scopes,
};

export const userRepository = {
  getUserByCredentials: async (id) => users.get(id),
};

export const codeRepository = {
  getByIdentifier: async (code) => found(codes.get(code)),
  issueAuthCode: (client, user, scopes) => ({
    ...{ code: generateRandomToken(), client, user, scopes, redirectUri: null },
    expiresAt: new Date(Date.now() + HOUR / 4),
  }),
  persist: (code) => codes.put(code.code, toRow(code)),
  isRevoked: async (code) => codes.get(code)?.isRevoked ?? false,
  revoke: (code) => codes.put(code, { ...codes.get(code), isRevoked: true }),
};

export const tokenRepository = {
  issueToken: async (client, scopes, user) => ({
    ...{ accessToken: generateRandomToken(), client, user, scopes, refreshToken: null, refreshTokenExpiresAt: null },
    accessTokenExpiresAt: new Date(Date.now() + HOUR),
  }),
  async issueRefreshToken(token) {
    token.refreshToken = generateRandomToken();
    token.refreshTokenExpiresAt = new Date(Date.now() + 30 * 24 * HOUR);
    await tokens.put(token.accessToken, toRow(token));
    await refreshTokens.put(token.refreshToken, token.accessToken);
    return token;
  },
  persist: (token) => tokens.put(token.accessToken, toRow(token)),
  revoke: (token) => tokens.put(token.accessToken, { ...toRow(token), isRevoked: true }),
  isRefreshTokenRevoked: async (token) => tokens.get(token.accessToken)?.isRevoked ?? false,
  getByRefreshToken: async (refreshToken) => found(tokens.get(refreshTokens.get(refreshToken))),
};
