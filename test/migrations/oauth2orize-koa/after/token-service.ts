/** The application moved to the token service: new codes and tokens are in its store, and the old tables are only read. */
import { join } from 'node:path';
import { exchange, grant, pkce } from 'koauthorize';
import { lmdbStore, tokenService } from 'koauthorize/tokens';
import type { User } from '../../database.js';
import { DATA } from '../../settings.js';
import { type Client, clients, codes, hashOf, refreshTokens } from '../tables.js';
import { makeServer, mayMissChallenge, oldAccessToken, serve } from './parts.js';

/** After this day no refresh token of old is taken over: they had no end. */
const LAST_DAY = Date.parse('2030-12-31') / 1000;

const tokens = tokenService<Client, User>({
  store: lmdbStore({ path: join(DATA, 'tokens') }),
  clientID: ({ id }) => id,
  adopt(token) {
    const row = refreshTokens.get(hashOf(token));
    if (!row) return undefined;
    const { clientID, userID: subject, scope } = row;
    return { clientID, subject, scope, expiresAt: LAST_DAY };
  },
  adoptCode(code) {
    const row = codes.get(hashOf(code));
    if (!row) return undefined;
    const { clientID, userID: subject, scope, redirectURI, challenge, expires } = row;
    return {
      clientID,
      subject,
      scope,
      redirectURI: redirectURI ?? clients.get(clientID)?.callbacks[0] ?? '',
      request: { redirectURI, ...(challenge && { codeChallenge: challenge, codeChallengeMethod: 'S256' }) },
      expiresAt: expires / 1000,
    };
  },
});

const server = makeServer({ tokens });
server
  .grant(grant.code(tokens.code))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.refreshToken(tokens.refreshToken))
  .extend(pkce({ allowMissing: mayMissChallenge }));

serve(server, async (token) => (await tokens.verify(token)) ?? oldAccessToken(token));
