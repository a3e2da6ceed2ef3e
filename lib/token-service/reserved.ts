/** What records that are no user's are listed by. */

/**
 * What stands in place of a user's subject, for `list`. It begins with a control character, and `requireSubject()` refuses those in subjects: otherwise a
 * user of that name would find these records among their authorizations, and end them by "sign out everywhere".
 *
 * @param of what the records are, without a colon
 * @param name tells them from others of that sort
 */
export function reservedSubject(of: string, name: string): string {
  return `\u0001${of}:${name}`;
}
