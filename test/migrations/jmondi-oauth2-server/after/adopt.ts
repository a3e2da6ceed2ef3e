/** What the old tables say of codes and tokens that were issued before. They are only read. */
import { type JWTPayload, jwtVerify } from 'jose';
import type { AccessToken } from 'koauthorize/resource-server';
import type { AdoptedCode, AdoptedToken } from 'koauthorize/tokens';
import { codes, refreshTokens, SIGNING_SECRET, tokens } from '../tables.js';

const secret = new TextEncoder().encode(SIGNING_SECRET);

/** The claims of a JWT that the old server signed. Whoever has read an ID in a log or a table cannot make one. */
async function claimsOf(jwt: string): Promise<JWTPayload | undefined> {
  const verified = await jwtVerify(jwt, secret, { algorithms: ['HS256'] }).catch(() => undefined);
  return verified?.payload;
}

const textOf = (claim: unknown): string => (typeof claim === 'string' ? claim : '');
const secondsOf = (date: Date): number => date.getTime() / 1000;

/** What a client holds is a JWT: `tokenID` says that its spellings are one token. */
export async function adopt(jwt: string): Promise<AdoptedToken | undefined> {
  const tokenID = textOf((await claimsOf(jwt))?.['refresh_token_id']);
  const row = tokens.get(refreshTokens.get(tokenID) ?? '');
  if (!row?.userID || !row.refreshTokenExpiresAt || row.isRevoked) return undefined;
  const { clientID, userID: subject, scopes: scope, refreshTokenExpiresAt } = row;
  return { clientID, subject, scope, expiresAt: secondsOf(refreshTokenExpiresAt), tokenID };
}

/** A code is a JWT, too. Redirect URI and challenge are among its claims, and may be missing in the table. */
export async function adoptCode(jwt: string): Promise<AdoptedCode | undefined> {
  const claims = await claimsOf(jwt);
  const codeID = textOf(claims?.['auth_code_id']);
  const row = codes.get(codeID);
  if (!claims || !row || row.isRevoked) return undefined;
  const { clientID, userID: subject, scopes: scope, expiresAt } = row;
  const codeChallenge = textOf(claims['code_challenge']);
  const codeChallengeMethod = claims['code_challenge_method'] === 'S256' ? ('S256' as const) : ('plain' as const);
  return {
    ...{ clientID, subject, scope, codeID, expiresAt: secondsOf(expiresAt) },
    redirectURI: textOf(claims['redirect_uri']),
    ...(codeChallenge && { request: { codeChallenge, codeChallengeMethod } }),
  };
}

/** An access token that was issued before, with its claims, until it has expired: as the API verified it all the time. */
export async function oldAccessToken(jwt: string): Promise<AccessToken | undefined> {
  const claims = await claimsOf(jwt);
  const clientID = textOf(claims?.['cid']); // codes and refresh tokens, which the same secret signs, have none
  if (!claims || !clientID) return undefined;
  const scope = textOf(claims['scope']).split(' ').filter(Boolean);
  return { clientID, subject: claims.sub, scope, expiresAt: claims.exp, claims };
}
