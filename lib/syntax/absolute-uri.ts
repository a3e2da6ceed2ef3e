/** A scheme, and then characters that a URI can have (RFC 3986 §2), except `#`, which begins a fragment. */
const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:[a-z0-9\-._~:/?[\]@!$&'()*+,;=%]+$/i;

/** Whether a text is an absolute URI. RFC 3986 §4.3: an absolute URI has no fragment. */
export function isAbsoluteURI(text: string): boolean {
  return ABSOLUTE_URI.test(text) && URL.canParse(text);
}
