/** Who acts for whom: the chain in the claim `act`. @see RFC 8693 §4.1 */
import type { Awaitable, Claims } from '../types.js';

function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A client is named as it is; and so is a user of another issuer, of whom nothing is known here. */
function isOwnUser({ sub, client_id, iss }: Claims, issuer: string): boolean {
  return typeof sub === 'string' && sub !== client_id && iss === issuer;
}

/**
 * The chain with each user of this server named as somebody else knows them. Inside, they are named by their subject, as the user of a token is.
 *
 * @param issuer this server
 * @param tell what the one who reads it knows a user by
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
