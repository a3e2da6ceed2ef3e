/** The identifiers of users for a client, which must not learn the ones that other clients have. @see RFC 9068 §6, OpenID Connect Core §8.1 */
import { outwardActors } from '../syntax/actors.js';
import type { Claims } from '../types.js';
import type { Settings } from './settings.js';

/**
 * The further claims of a token as its client may read them: actors (RFC 8693 §4.1) may be users, and get the identifiers that the client knows. The record,
 * and the response for APIs, have their subjects.
 */
export async function outwardClaims<C, U, T extends Claims>(
  settings: Pick<Settings<C, U>, 'issuer' | 'outwardSubject'>,
  claims: T,
  client: C,
): Promise<T> {
  const { issuer } = settings.issuer;
  const { act } = claims;
  if (act === undefined || issuer === undefined) return claims;
  const told = await outwardActors(act, issuer, (subject) => settings.outwardSubject(subject, client));
  return Object.assign({}, claims, { act: told });
}
