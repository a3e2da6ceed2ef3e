/** Exchanges of tokens, and what the new tokens say. */
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
  /** Whose tokens are exchanged. */
  readonly client: AttackClient;
  readonly service: AttackClient;
}

/** Asks for a token in exchange for an access token, with some changes. */
export function swap(context: AttackContext, by: AttackClient, token: string, changes: Changes = {}): Promise<Page> {
  const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const fields = { grant_type, subject_token: token, subject_token_type: ACCESS_TOKEN };
  return context.post(by, changed(fields, changes));
}

/** A new access token of the client, and what came with it. @throws Error when the honest flow fails */
export async function obtain(context: AttackContext, client: AttackClient, changes?: Changes) {
  const tokens = await context.obtainTokens(client, changes);
  return { tokens, token: String(tokens['access_token']) };
}

/** A new token of the service, in exchange for a token of the client. @throws Error when the honest exchange fails */
export async function exchanged(context: AttackContext, by: AttackClient, token: string): Promise<string> {
  return tokenIn(honest(await swap(context, by, token), 'An honest exchange of an access token')) ?? '';
}

/** What introspection says of a token to this client; undefined where there is no such endpoint. */
export async function introspect(
  { endpoints, post }: AttackContext,
  by: AttackClient,
  token: string,
): Promise<Members | undefined> {
  const { introspection } = endpoints;
  return introspection === undefined ? undefined : membersOf(await post(by, { token }, introspection));
}

/** What a new token says: to introspection, or as the JWT that it is. Nothing where neither can be read. */
export async function lookInto(context: AttackContext, by: AttackClient, token: string): Promise<Members> {
  const said = await introspect(context, by, token);
  if (said?.['active'] === true) return said;
  const [, claims = ''] = token.split('.');
  return membersOf({ text: Buffer.from(claims, 'base64url').toString() });
}

/**
 * Runs an attack on exchanges, if the target has a service that exchanges tokens, and its honest exchange gives a token.
 *
 * @throws Error when that fails
 */
export async function withExchange(
  context: AttackContext,
  run: (exchanging: Exchanging) => Promise<AttackOutcome>,
): Promise<AttackOutcome> {
  const { client, exchange } = context.target;
  if (!exchange) return skipped('the target has no exchange');
  const service: AttackClient = { ...exchange.service, redirect_uri: '' }; // its users are those of the client
  await exchanged(context, service, (await obtain(context, client)).token);
  return run({ exchange, client, service });
}
