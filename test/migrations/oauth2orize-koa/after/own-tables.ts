/**
 * The application keeps its own tables, in the checked form: `redeem` takes a row so that it works once, `issue` makes the next ones, and in between the
 * toolkit compares client, redirect URI and challenge. Rows of old are in the same tables. Unlike the token service, this does not notice that a token
 * which was used comes again.
 */
import { type Authorization, exchange, grant, type IssuedTokens, pkce, type TokenRequest } from 'koauthorize';
import type { User } from '../../database.js';
import {
  type Allowed,
  accessTokens,
  type Client,
  type CodeRow,
  clients,
  codes,
  hashOf,
  refreshTokens,
  uid,
} from '../tables.js';
import { makeServer, mayMissChallenge, oldAccessToken, serve } from './parts.js';

const HOUR = 60 * 60 * 1000;

/** An authorization as the tables have it. */
function allowedBy({ clientID, subject: userID = '', scope }: Authorization): Allowed {
  return { clientID, userID, scope };
}

function authorizationOf({ clientID, userID: subject, scope }: Allowed): Authorization {
  return { clientID, subject, scope, redirectURI: '', request: { type: 'code', clientID } };
}

/** A code says more: what the toolkit compares with the token request. */
function authorizationOfCode({ redirectURI, challenge, ...allowed }: CodeRow): Authorization {
  const { clientID } = allowed;
  const challenged = challenge ? ({ codeChallenge: challenge, codeChallengeMethod: 'S256' } as const) : {};
  return {
    ...authorizationOf(allowed),
    redirectURI: redirectURI ?? clients.get(clientID)?.callbacks[0] ?? '',
    request: { type: 'code', clientID, redirectURI, ...challenged },
  };
}

/** The access token gets what the request asks for, the refresh token all that was allowed. */
async function makeTokens(authorization: Authorization, { scope }: TokenRequest<Client>): Promise<IssuedTokens> {
  const [access_token, refresh_token] = [uid(), uid()];
  const allowed = allowedBy(authorization);
  const expires = Date.now() + HOUR;
  await accessTokens.put(hashOf(access_token), { ...allowed, scope: scope ?? allowed.scope, expires });
  await refreshTokens.put(hashOf(refresh_token), allowed);
  return { access_token, expires_in: HOUR / 1000, refresh_token };
}

const server = makeServer({ subject: ({ id }: User) => id });
server
  .grant(
    grant.code({
      async issue({ user }, authorization) {
        const code = uid();
        const { redirectURI, codeChallenge: challenge } = authorization.request;
        const allowed = allowedBy({ ...authorization, subject: user?.id });
        const row = { ...allowed, redirectURI, challenge, expires: Date.now() + HOUR / 60 };
        await codes.put(hashOf(code), JSON.parse(JSON.stringify(row)) as CodeRow);
        return code;
      },
    }),
  )
  .exchange(
    exchange.code<Client>({
      // one transaction: of several requests exactly one takes the row, which is its client's
      redeem: (code, { client }) =>
        codes.transaction(() => {
          const row = codes.get(hashOf(code));
          if (row?.clientID !== client.id || row.expires <= Date.now()) return undefined;
          codes.remove(hashOf(code));
          return authorizationOfCode(row);
        }),
      issue: makeTokens,
    }),
  )
  .exchange(
    exchange.refreshToken<Client>({
      redeem: (token, { client }) =>
        refreshTokens.transaction(() => {
          const row = refreshTokens.get(hashOf(token));
          if (row?.clientID !== client.id) return undefined;
          refreshTokens.remove(hashOf(token));
          return authorizationOf(row);
        }),
      issue: makeTokens,
    }),
  )
  .extend(pkce({ allowMissing: mayMissChallenge }));

serve(server, oldAccessToken);
