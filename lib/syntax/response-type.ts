/**
 * The key of a response type for comparison and look-up. A response type is a set of words, so `code token` and `token code` have the
 * same key.
 *
 * @see RFC 6749 §3.1.1
 */
export function responseTypeKey(type: string): string {
  if (!type.includes(' ')) return type; // a single word: nothing to sort
  return [...new Set(responseTypeWords(type))].sort().join(' ');
}

/** The words of a response type, in the order in which they were sent. @example responseTypeWords('code id_token') // ['code', 'id_token'] @see RFC 6749 §3.1.1 */
export function responseTypeWords(type: string): string[] {
  return type.split(' ').filter(Boolean);
}
