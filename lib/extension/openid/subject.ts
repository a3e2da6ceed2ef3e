/** The `sub` that clients see. @see OpenID Connect Core §8 */
import type { OpenIDOptions } from './options.js';

/** The outward subject of a user at a client, from the internal one. */
export async function outwardSubject<C, U>(
  { subjectFor }: OpenIDOptions<C, U>,
  subject: string,
  client: C,
): Promise<string> {
  return subjectFor ? subjectFor(subject, client) : subject;
}
