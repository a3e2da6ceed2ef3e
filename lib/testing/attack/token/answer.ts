/** Reads from answers of the token endpoint what an attacker got. */
import type { AttackContext } from '../context.js';
import { membersOf, type Page } from '../http.js';
import { type Changes, changed, describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';

/** A member of an answer, if it is a string that is not empty. */
export function memberOf(page: Page, name: string): string | undefined {
  const member = membersOf(page)[name];
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** The access token of an answer, if there is one. @throws Error if the server failed or throttled the request, which is no refusal */
export function tokenIn(page: Page): string | undefined {
  if (page.status >= 500) throw new Error(`The server failed: ${describePage(page)}`);
  if (page.status === 429) throw new Error(`The server has counted too many guesses: ${describePage(page)}`);
  return memberOf(page, 'access_token');
}

/** Returns the answer to an honest request, which must succeed. @throws Error if it has no token */
export function honest(page: Page, what: string): Page {
  if (tokenIn(page) === undefined) throw new Error(`${what} gives no token: ${describePage(page)}`);
  return page;
}

/** The clients of the target that may get refresh tokens. */
export function clientsOf({ target: { client, publicClient } }: AttackContext): readonly AttackClient[] {
  return publicClient ? [client, publicClient] : [client];
}

/**
 * Each client that gets tokens, with each other client that may try to use what it was given. For a public client, only this comparison protects what
 * it was given, since it does not authenticate (RFC 9700 §4.14.2).
 */
export function thefts(
  context: AttackContext,
): readonly { readonly victim: AttackClient; readonly thief: AttackClient }[] {
  const { client, otherClient, publicClient } = context.target;
  const thieves = [otherClient, publicClient, client].filter((one) => one !== undefined);
  return clientsOf(context).flatMap((victim) =>
    thieves.filter((thief) => thief !== victim).map((thief) => ({ victim, thief })),
  );
}

/** The error for an API that refuses an honest access token. */
export function honestRefused(url: string, status: number): Error {
  const hint = status === 403 ? ': is the scope of the target’s client (--scope) what it wants?' : '';
  return new Error(`${url} answers ${status} to a good access token${hint}`);
}

/** The parameters of an honest exchange of a new code. */
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

/** A new refresh token of a client; undefined if the server issues none. @throws Error if the honest flow fails */
export async function obtainRefreshToken(
  context: AttackContext,
  client: AttackClient,
  changes?: Changes,
): Promise<string | undefined> {
  const { refresh_token } = await context.obtainTokens(client, changes);
  return typeof refresh_token === 'string' ? refresh_token : undefined;
}

/** Whether an answer says that client authentication failed. @throws Error if the server failed or throttled the request */
export function isUnauthenticated(page: Page): boolean {
  return tokenIn(page) === undefined && (page.status === 401 || memberOf(page, 'error') === 'invalid_client');
}

/** A request with a code that was never issued. */
export function guess(client: AttackClient): Readonly<Record<string, string>> {
  const { redirect_uri } = client;
  return { grant_type: 'authorization_code', code: random(), redirect_uri, code_verifier: random() };
}

/** Checks that a client can authenticate: its request with a wrong code must be refused because of the code. @throws Error if it cannot authenticate */
export async function proveAuthentication(context: AttackContext, client: AttackClient): Promise<void> {
  const page = await context.post(client, guess(client));
  if (isUnauthenticated(page)) throw new Error(`${client.client_id} cannot authenticate: ${describePage(page)}`);
}
