/** Assertions of an issuer that the server trusts, and the answers of the token endpoint to them. */
import { type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Page } from '../http.js';
import { random } from '../request.js';
import { type KeyPair, type Members, publicHalf, sign, withChanges } from '../signed/jwt.js';
import type { AttackAssertions, AttackClient, AttackIssuer } from '../target.js';
import { honest, tokenIn } from '../token/answer.js';

/** The `typ` of ID-JAGs, which name the client that presents them. @see draft-ietf-oauth-identity-assertion-authz-grant-03 §3.1 */
export const ID_JAG = 'oauth-id-jag+jwt';

/** A valid assertion, not yet signed. */
export interface Draft {
  readonly header: Members;
  readonly claims: Members;
  readonly key: KeyPair;
}

/** The key of an issuer. @throws Error if it is no private key with `alg` */
export function keyOf({ issuer, signing_key }: AttackIssuer): KeyPair {
  const { alg, kid } = signing_key;
  if (!alg) throw new Error(`The signing_key of ${issuer} is a private JWK with alg`);
  return { alg, kid, privateJWK: signing_key, publicJWK: publicHalf(signing_key) };
}

/** A new assertion for a client. @param changes claims to set; undefined removes one */
export function draft(
  { target }: AttackContext,
  assertions: AttackAssertions,
  client: AttackClient,
  changes: Members = {},
): Draft {
  const { issuer, subject, typ, claims } = assertions;
  const now = Math.floor(Date.now() / 1000);
  const about = { iss: issuer, sub: subject, aud: target.issuer, iat: now, exp: now + 120, jti: random() };
  const bound = typ === ID_JAG ? { client_id: client.client_id } : {};
  const key = keyOf(assertions);
  const header = withChanges({ typ, kid: key.kid }, {});
  return { header, claims: withChanges({ ...about, ...bound, ...claims }, changes), key };
}

export const signed = ({ header, claims, key }: Draft, changes: Members = {}): Promise<string> =>
  sign(withChanges(header, changes), claims, key);

export function present({ post }: AttackContext, client: AttackClient, assertion: string): Promise<Page> {
  return post(client, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
}

/** Whether an assertion got a token. @throws Error if the server failed */
export async function isTaken(context: AttackContext, client: AttackClient, assertion: string): Promise<boolean> {
  return tokenIn(await present(context, client, assertion)) !== undefined;
}

/**
 * Runs an attack with assertions, if the target has an issuer of assertions. First, an honest assertion must get a token.
 *
 * @throws Error if the honest assertion fails
 */
export async function withAssertions(
  context: AttackContext,
  run: (assertions: AttackAssertions, client: AttackClient) => Promise<AttackOutcome>,
): Promise<AttackOutcome> {
  const { client, assertions } = context.target;
  if (!assertions) return skipped('the target has no assertions');
  honest(await present(context, client, await signed(draft(context, assertions, client))), 'An honest assertion');
  return run(assertions, client);
}
