/** Exchanges tokens, and reads the new tokens. */
import { type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, type Page } from '../http.js';
import { type Changes, changed } from '../request.js';
import type { Members } from '../signed/jwt.js';
import type { AttackClient } from '../target.js';
import { honest, tokenIn } from '../token/answer.js';
import type { AttackExchange } from './services.js';

/** @see RFC 8693 §3 */
export const TYPE = 'urn:ietf:params:oauth:token-type:';
export const ACCESS_TOKEN = `${TYPE}access_token`;

export interface Exchanging {
  readonly exchange: AttackExchange;
  /** The client whose tokens are exchanged. */
  readonly client: AttackClient;
  readonly service: AttackClient;
}

/** Asks for a token in exchange for an access token, with some changes. */
export function swap(context: AttackContext, by: AttackClient, token: string, changes: Changes = {}): Promise<Page> {
  const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const fields = { grant_type, subject_token: token, subject_token_type: ACCESS_TOKEN };
  return context.post(by, changed(fields, changes));
}

/** A new access token of the client, with the other members of its response. @throws Error if the honest flow fails */
export async function obtain(context: AttackContext, client: AttackClient, changes?: Changes) {
  const tokens = await context.obtainTokens(client, changes);
  return { tokens, token: String(tokens['access_token']) };
}

/** A new token of the service, in exchange for a token of the client. @throws Error if the honest exchange fails */
export async function exchanged(context: AttackContext, by: AttackClient, token: string): Promise<string> {
  return tokenIn(honest(await swap(context, by, token), 'An honest exchange of an access token')) ?? '';
}

/** The introspection response about a token for this client; undefined if there is no such endpoint. */
export async function introspect(
  { endpoints, post }: AttackContext,
  by: AttackClient,
  token: string,
): Promise<Members | undefined> {
  const { introspection } = endpoints;
  return introspection === undefined ? undefined : membersOf(await post(by, { token }, introspection));
}

/** The claims of a new token, by introspection or from the JWT. Empty if neither is possible. */
export async function lookInto(context: AttackContext, by: AttackClient, token: string): Promise<Members> {
  const said = await introspect(context, by, token);
  if (said?.['active'] === true) return said;
  const [, claims = ''] = token.split('.');
  return membersOf({ text: Buffer.from(claims, 'base64url').toString() });
}

/**
 * Runs an attack on exchanges, if the target has a service that exchanges tokens. First, an honest exchange must give a token.
 *
 * @throws Error if the honest exchange fails
 */
export async function withExchange(
  context: AttackContext,
  run: (exchanging: Exchanging) => Promise<AttackOutcome>,
): Promise<AttackOutcome> {
  const { client, exchange } = context.target;
  if (!exchange) return skipped('the target has no exchange');
  const service: AttackClient = { ...exchange.service, redirect_uri: '' }; // a service has no users of its own, and needs no redirect URI
  await exchanged(context, service, (await obtain(context, client)).token);
  return run({ exchange, client, service });
}
