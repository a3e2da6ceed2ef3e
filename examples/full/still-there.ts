/**
 * The token service does not know when a client or a user is removed, so this file refuses tokens whose client or user no longer exists. An API that verifies
 * JWTs by itself accepts such a token until it expires.
 */
import type { Introspect } from 'koauthorize';
import type { RefreshTokenService, TokenService, VerifiedToken } from 'koauthorize/tokens';
import { type App, type Clients, isClientURL } from './clients.js';
import type { User, Users } from './users.js';

interface Parts {
  readonly tokens: TokenService<App, User>;
  readonly clients: Pick<Clients, 'find'>;
  readonly users: Pick<Users, 'find'>;
}

/** Functions of the token service, for tokens whose client and user still exist. */
export interface StillThere {
  /** Verifies access tokens, for the API. */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** Redeems refresh tokens. */
  readonly redeem: RefreshTokenService<App>['redeem'];
  /** For introspection. For a refresh token, only the client is checked; its user is checked when it is redeemed. */
  readonly introspect: Introspect<App>;
}

export function stillThere({ tokens, clients, users }: Parts): StillThere {
  /** Whether a client still exists. A client with a document cannot be removed here; users can disconnect it. */
  const isClient = async (id: string): Promise<boolean> => isClientURL(id) || (await clients.find(id)) !== undefined;
  const isThere = async (clientID: string, subject: string | undefined): Promise<boolean> =>
    (await isClient(clientID)) && (subject === undefined || users.find(subject) !== undefined);
  const verify: StillThere['verify'] = async (accessToken) => {
    const token = await tokens.verify(accessToken);
    return token && (await isThere(token.clientID, token.subject)) ? token : undefined;
  };
  return {
    verify,
    async redeem(refreshToken, request) {
      const granted = await tokens.refreshToken.redeem(refreshToken, request);
      return granted && (await isThere(granted.clientID, granted.subject)) ? granted : undefined;
    },
    async introspect(token, client, hint, inquiry) {
      const found = await tokens.introspect(token, client, hint, inquiry);
      if (!found.active) return found;
      // `sub` of the response cannot be used to find the user: it may be pairwise, and in a token without a user it names the client
      const isAccessToken = found.token_type !== undefined;
      const isGood = isAccessToken ? await verify(token) : await isClient(found.client_id ?? '');
      return isGood ? found : { active: false };
    },
  };
}
