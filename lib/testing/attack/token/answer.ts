/** What the token endpoint's answers mean to an attacker. */
import type { AttackContext } from '../context.js';
import { membersOf, type Page } from '../http.js';
import { type Changes, changed, describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';

/** A member of an answer, if it is a text that says something. */
export function memberOf(page: Page, name: string): string | undefined {
  const member = membersOf(page)[name];
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** The access token that was handed out, if one was. @throws Error when the server has not looked: that is no refusal */
export function tokenIn(page: Page): string | undefined {
  if (page.status >= 500) throw new Error(`The server failed: ${describePage(page)}`);
  if (page.status === 429) throw new Error(`The server has counted too many guesses: ${describePage(page)}`);
  return memberOf(page, 'access_token');
}

/** @throws Error unless tokens were handed out: what was honest must work */
export function honest(page: Page, what: string): Page {
  if (tokenIn(page) === undefined) throw new Error(`${what} gives no token: ${describePage(page)}`);
  return page;
}

/** The parameters of an honest exchange, with a code of its own. */
export async function honestFields(
  context: AttackContext,
  client: AttackClient,
): Promise<Readonly<Record<string, string>>> {
  const { code, redirect_uri, verifier } = await context.obtainCode(client);
  return { grant_type: 'authorization_code', code, redirect_uri, code_verifier: verifier };
}

export function refresh(
  context: AttackContext,
  client: AttackClient,
  refresh_token: string,
  changes: Changes = {},
): Promise<Page> {
  return context.post(client, changed({ grant_type: 'refresh_token', refresh_token }, changes));
}

/** The refresh token that a client is given; undefined where it is given none. @throws Error when the honest way does not work */
export async function obtainRefreshToken(
  context: AttackContext,
  client: AttackClient,
  changes?: Changes,
): Promise<string | undefined> {
  const { refresh_token } = await context.obtainTokens(client, changes);
  return typeof refresh_token === 'string' ? refresh_token : undefined;
}

/** Whether an answer says that the client is not who it says it is. @throws Error when the server has not looked */
export function isUnauthenticated(page: Page): boolean {
  return tokenIn(page) === undefined && (page.status === 401 || memberOf(page, 'error') === 'invalid_client');
}

/** What a client asks that was told nothing: a code that nobody was given. */
export function guess(client: AttackClient): Readonly<Record<string, string>> {
  const { redirect_uri } = client;
  return { grant_type: 'authorization_code', code: random(), redirect_uri, code_verifier: random() };
}

/** A client that can authenticate has its requests looked at, and is refused for what they say. @throws Error when it cannot */
export async function proveAuthentication(context: AttackContext, client: AttackClient): Promise<void> {
  const page = await context.post(client, guess(client));
  if (isUnauthenticated(page)) throw new Error(`${client.client_id} cannot authenticate: ${describePage(page)}`);
}
