/** The subjects of records that do not belong to a user. */

/**
 * A subject under which `list` finds records that do not belong to a user. It begins with a control character, which `requireSubject()` refuses in the
 * subjects of users. Otherwise a user who chose this name could see these records as authorizations, and delete them by "sign out everywhere".
 *
 * @param of the sort of the records, without a colon
 * @param name distinguishes these records from others of the same sort
 */
export function reservedSubject(of: string, name: string): string {
  return `\u0001${of}:${name}`;
}
