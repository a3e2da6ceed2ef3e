/** The token service that is measured, and what it is asked, as the token endpoint asks it. */
import { randomBytes } from 'node:crypto';
import type { Authorization, IssuedTokens, RedirectURI, TokenRequest, Transaction } from 'koauthorize';
import { toParams } from 'koauthorize/extending';
import { type TokenService, type TokenStore, tokenService } from 'koauthorize/tokens';
import { type App, LIFETIMES, REDIRECT_URI, robot, SCOPE, type User, webApp } from '../servers/clients.js';
import { PATIENCE } from './stores.js';

export type Tokens = TokenService<App, User>;

/** What a client was given. */
export interface Pair {
  readonly access: string;
  readonly refresh: string;
}

export function serviceOf(store: TokenStore): Tokens {
  // a benchmark refreshes one authorization more often than any client does
  const maxRefreshes = Number.POSITIVE_INFINITY;
  return tokenService<App, User>({ store, lifetimes: LIFETIMES, timeout: PATIENCE, maxRefreshes });
}

function requestOf(client: App, grantType: string, params: Readonly<Record<string, string>> = {}): TokenRequest<App> {
  const body = { grant_type: grantType, ...params };
  return { grantType, client, params: toParams(new Map(Object.entries(body))), body };
}

const asked = {
  type: 'code',
  clientID: webApp.client_id,
  redirectURI: REDIRECT_URI,
  scope: [SCOPE],
  state: randomBytes(16).toString('base64url'),
  codeChallenge: randomBytes(32).toString('base64url'),
};

const authorization: Authorization = {
  clientID: webApp.client_id,
  redirectURI: REDIRECT_URI,
  scope: [SCOPE],
  request: asked,
};

function required(value: string | undefined): string {
  if (value === undefined) throw new Error('A token is missing');
  return value;
}

export async function issueToRobot(tokens: Tokens): Promise<void> {
  required((await tokens.clientCredentials.issue(requestOf(robot, 'client_credentials'))).access_token);
}

/** From the user's answer to the tokens: three round trips. */
export async function connect(tokens: Tokens, user: string): Promise<Pair> {
  const transaction: Transaction<App, User> = {
    client: webApp,
    redirectURI: REDIRECT_URI as RedirectURI, // nothing here came from a request
    req: asked,
    user: { id: user },
  };
  const code = await tokens.code.issue(transaction, authorization);
  const request = requestOf(webApp, 'authorization_code', { code, redirect_uri: REDIRECT_URI });
  const granted = await tokens.code.redeem(code, request);
  if (!granted) throw new Error('The code was refused');
  return pairOf(await tokens.code.issue(granted, request));
}

function pairOf({ access_token: access, refresh_token }: IssuedTokens): Pair {
  return { access, refresh: required(refresh_token) };
}

export async function verify(tokens: Tokens, { access }: Pair): Promise<void> {
  if ((await tokens.verify(access))?.clientID !== webApp.client_id) throw new Error('The access token was refused');
}

export async function refresh(tokens: Tokens, { refresh }: Pair): Promise<Pair> {
  const request = requestOf(webApp, 'refresh_token', { refresh_token: refresh });
  const granted = await tokens.refreshToken.redeem(refresh, request);
  if (!granted) throw new Error('The refresh token was refused');
  return pairOf(await tokens.refreshToken.issue(granted, request));
}
