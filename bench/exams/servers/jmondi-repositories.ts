/** The repositories that @jmondi/oauth2-server wants, with all that is optional in them. */
import {
  type OAuthAuthCode,
  type OAuthAuthCodeRepository,
  type OAuthClientRepository,
  OAuthException,
  type OAuthToken,
  type OAuthTokenRepository,
  type OAuthUserRepository,
} from '@jmondi/oauth2-server';
import { LIFETIMES } from '../../servers/clients.js';
import { isSame, newToken } from '../../servers/peers/application.js';
import { entity, found, inSeconds } from '../../servers/peers/jmondi-koa.js';
import { Records } from './records.js';
import { examined, users } from './world.js';

export interface SecondUse {
  /** Whether `revoke` throws where it was revoked before, in the same statement: the documentation does not ask for that. */
  readonly refusesSecondUse: boolean;
}

type Row<T> = T & { readonly isRevoked: boolean };

const clients = new Map([...examined].map(([id, app]) => [id, entity(app)]));
const codes = new Records<Row<OAuthAuthCode>>();
/** By access token, and by refresh token. */
const tokens = new Records<Row<OAuthToken>>();

const isGood = ({ isRevoked }: { isRevoked: boolean }): boolean => !isRevoked;

export const clientRepository: OAuthClientRepository = {
  async getByIdentifier(id) {
    const client = clients.get(id);
    if (!client) throw OAuthException.invalidClient();
    return client;
  },
  async isClientValid(grantType, client, secret: unknown) {
    if (typeof secret !== 'string') return false; // an object, where the form has one
    return client.allowedGrants.includes(grantType) && isSame(secret, client.secret ?? '');
  },
};

export const userRepository: OAuthUserRepository = {
  getUserByCredentials: async (id) => users.get(String(id)),
};

/** What is revoked is kept, as what was revoked. */
export function authCodeRepository({ refusesSecondUse }: SecondUse): OAuthAuthCodeRepository {
  return {
    getByIdentifier: async (code) => found(await codes.get(code)),
    issueAuthCode: (client, user, allowed) => ({
      code: newToken(),
      expiresAt: inSeconds(LIFETIMES.code),
      client,
      user: user ?? null,
      scopes: allowed,
    }),
    persist: (code) => codes.put(code.code, { ...code, isRevoked: false }),
    isRevoked: async (code) => found(await codes.get(code)).isRevoked,
    async revoke(code) {
      const isFirst = await codes.update(code, isGood, { isRevoked: true });
      if (refusesSecondUse && !isFirst) throw OAuthException.invalidGrant('It was used');
    },
  };
}

/** What is revoked is kept, as what was revoked. */
export function tokenRepository({
  refusesSecondUse,
}: SecondUse): OAuthTokenRepository & Required<Pick<OAuthTokenRepository, 'getByAccessToken' | 'revokeDescendantsOf'>> {
  return {
    async issueToken(client, allowed, user) {
      const accessTokenExpiresAt = inSeconds(LIFETIMES.accessToken);
      return { accessToken: newToken(), accessTokenExpiresAt, client, user: user ?? null, scopes: allowed };
    },
    persist: (token) => tokens.put(token.accessToken, { ...token, isRevoked: false }),
    async issueRefreshToken(token) {
      token.refreshToken = newToken();
      token.refreshTokenExpiresAt = inSeconds(LIFETIMES.refreshToken);
      await tokens.put(token.refreshToken, { ...token, isRevoked: false });
      return token;
    },
    async revoke(token) {
      const isFirst = await tokens.update(token.refreshToken ?? '', isGood, { isRevoked: true });
      await tokens.update(token.accessToken, isGood, { isRevoked: true });
      if (refusesSecondUse && !isFirst) throw OAuthException.invalidGrant('It was used');
    },
    revokeDescendantsOf: (code) => tokens.removeAll(({ originatingAuthCodeId }) => originatingAuthCodeId === code),
    isRefreshTokenRevoked: async (token) => found(await tokens.get(token.refreshToken ?? '')).isRevoked,
    getByRefreshToken: async (token) => found(await tokens.get(token)),
    async getByAccessToken(token) {
      const row = found(await tokens.get(token));
      return found(row.isRevoked ? undefined : row);
    },
  };
}
