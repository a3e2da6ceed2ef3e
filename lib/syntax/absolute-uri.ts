/** A character that a URI can have (RFC 3986 §2), but for `#`, which begins a fragment. */
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[a-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/i;

/** An absolute URI, as RFC 3986 §4.3 has it, which is one without a fragment. */
export function isAbsoluteURI(text: string): boolean {
  return ABSOLUTE_URI.test(text) && URL.canParse(text);
}
