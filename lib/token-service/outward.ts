/** What a client is told of a user: it must not find out what other clients know them by. @see RFC 9068 §6, OpenID Connect Core §8.1 */
import { outwardActors } from '../syntax/actors.js';
import type { Claims } from '../types.js';
import type { Settings } from './settings.js';

/**
 * The further claims of a token as its client may read them: who acts (RFC 8693 §4.1) is a user, too. In the record, and for APIs, they are named by
 * their subject.
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
