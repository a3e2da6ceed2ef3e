/**
 * The token service does not know when a client or a user is removed, so what it says of a token is compared here with who is still there. An API
 * elsewhere that verifies JWTs by itself learns of a removal when the token expires.
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

/** Members of the token service, for tokens whose client and user are still there. */
export interface StillThere {
  /** For the API. */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** For refreshes. */
  readonly redeem: RefreshTokenService<App>['redeem'];
  /** For introspection. Of a refresh token it asks for the client only: that the user is there is asked when it is redeemed. */
  readonly introspect: Introspect<App>;
}

export function stillThere({ tokens, clients, users }: Parts): StillThere {
  /** A client with a document is nobody's to remove: what users have allowed it ends when they disconnect it. */
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
      // `sub` of the answer is not the ID of a user here: it may be pairwise, and in a token without a user it is the client
      const isAccessToken = found.token_type !== undefined;
      const isGood = isAccessToken ? await verify(token) : await isClient(found.client_id ?? '');
      return isGood ? found : { active: false };
    },
  };
}
