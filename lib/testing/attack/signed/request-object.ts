/** Request objects of an honest client, and the answers of the authorization endpoint to them. */
import { type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext, Request } from '../context.js';
import { answerIn, type Page } from '../http.js';
import { describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';
import type { Visitor } from '../visitor.js';
import { type KeyPair, type Members, publicHalf, sign, withChanges } from './jwt.js';

export const TYPE = 'oauth-authz-req+jwt';

/** A valid object, not yet signed, for an attack to change. Each attempt has a new one. */
export interface Draft extends Request {
  readonly header: Members;
  readonly claims: Members;
  readonly key: KeyPair;
}

/** The key that a client registered. @throws Error if it has none */
export function keyOf({ client_id, signing_key }: AttackClient): KeyPair {
  if (!signing_key?.alg) throw new Error(`The signing_key of ${client_id} is a private JWK with alg`);
  return {
    alg: signing_key.alg,
    kid: signing_key.kid,
    privateJWK: signing_key,
    publicJWK: publicHalf(signing_key),
  };
}

/** A valid object, not yet signed. */
export function draft({ target, request }: AttackContext, client: AttackClient, changes: Members = {}): Draft {
  const { url, ...asked } = request(client);
  const now = Math.floor(Date.now() / 1000);
  const about = { iss: client.client_id, aud: target.issuer, iat: now, nbf: now, exp: now + 300, jti: random() };
  const key = keyOf(client);
  const claims = withChanges({ ...about, ...Object.fromEntries(new URL(url).searchParams) }, changes);
  return { ...asked, url, key, claims, header: { typ: TYPE, ...(key.kid && { kid: key.kid }) } };
}

export const signed = ({ header, claims, key }: Draft, changes: Members = {}): Promise<string> =>
  sign(withChanges(header, changes), claims, key);

/** Sends an object by value, and allows the request if a dialog is shown. @param beside further parameters, outside the object */
export async function send(
  { endpoints, allow }: AttackContext,
  visitor: Visitor,
  parameters: Readonly<Record<string, string>>,
): Promise<Page> {
  const url = new URL(endpoints.authorization);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.append(name, value);
  return allow(visitor, await visitor.get(url.href));
}

/** Whether an object that was sent by value got a code. @throws Error if the server failed */
export async function isTaken(context: AttackContext, visitor: Visitor, request: string): Promise<boolean> {
  const page = await send(context, visitor, { client_id: context.target.client.client_id, request });
  if (page.status >= 500) throw new Error(`The server failed: ${describePage(page)}`);
  return answerIn(page).has('code');
}

/**
 * What the target lacks for attacks with request objects; undefined if nothing, and if an honest object got a code.
 *
 * @throws Error if the honest object got none
 */
export async function missing(context: AttackContext, visitor: Visitor): Promise<AttackOutcome | undefined> {
  const { client } = context.target;
  const { request_parameter_supported: isSupported } = await context.metadata();
  if (isSupported !== true) return skipped('the metadata does not say request_parameter_supported');
  if (!client.signing_key) return skipped('the client has no signing_key');
  const object = await signed(draft(context, client));
  if (await isTaken(context, visitor, object)) return undefined;
  throw new Error(`An honest request object of ${client.client_id} gives no code`);
}
