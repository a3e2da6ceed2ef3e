/**
 * The `token_type` of an access token that is not bound to a key, and the scheme of the Authorization header with such a token. Both
 * are compared without regard to case. @see RFC 6749 §5.1, RFC 6750 §2.1
 */
export const BEARER = 'Bearer';

/**
 * The most characters of an access token that an API takes. Node takes request heads of 16 KiB, and proxies such as nginx and Apache take header fields of 8 KiB,
 * so a longer token does not arrive in most places.
 */
export const LONGEST_TOKEN = 8192;

/** Whether two token types, or two authentication schemes, are the same. @see RFC 6749 §5.1, RFC 9110 §11.1 */
export function isSameType(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}
