/** What is said of a user. @see OpenID Connect Core §5 */
import type { Claims } from '../../types.js';
import type { AskedClaims, OpenIDOptions } from './options.js';

/**
 * The claims of a user that were asked for, at one place. `sub` is not among them.
 *
 * @param subject the internal one
 * @returns undefined if the user is gone
 */
export async function claimsOf<C, U>(
  { findUser, claims }: OpenIDOptions<C, U>,
  subject: string,
  asked: AskedClaims<C>,
): Promise<Claims | undefined> {
  if (!findUser) return {};
  const user = await findUser(subject);
  if (!user) return undefined;
  const known = (await claims?.(user, asked)) ?? {};
  return Object.fromEntries(Object.entries(known).filter(([name]) => Object.hasOwn(asked.requested, name)));
}
