/**
 * A response type is a set of words: `code token` equals `token code`. This is the one spelling of it, to compare and to look
 * up by.
 *
 * @see RFC 6749 §3.1.1
 */
export function responseTypeKey(type: string): string {
  if (!type.includes(' ')) return type; // one word, as is usual
  return [...new Set(responseTypeWords(type))].sort().join(' ');
}

export function responseTypeWords(type: string): string[] {
  return type.split(' ').filter(Boolean);
}
