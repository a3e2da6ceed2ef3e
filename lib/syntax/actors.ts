/** The chain of actors in the claim `act`. @see RFC 8693 §4.1 */
import type { Awaitable, Claims } from '../types.js';

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an actor is a user of this server. Clients, and users of other issuers, keep their identifiers. */
function isOwnUser({ sub, client_id, iss }: Claims, issuer: string): boolean {
  return typeof sub === 'string' && sub !== client_id && iss === issuer;
}

/**
 * The chain for a recipient: each user of this server is named by the identifier that the recipient knows. Inside the server, the chain has their subjects.
 *
 * @param issuer the issuer identifier of this server
 * @param tell gives the recipient's identifier for a subject
 */
export async function outwardActors(
  act: unknown,
  issuer: string,
  tell: (subject: string) => Awaitable<string>,
): Promise<unknown> {
  if (!isObject(act)) return act;
  const sub = isOwnUser(act, issuer) ? await tell(String(act['sub'])) : undefined;
  const earlier = await outwardActors(act['act'], issuer, tell);
  return { ...act, ...(sub !== undefined && { sub }), ...(earlier !== undefined && { act: earlier }) };
}
