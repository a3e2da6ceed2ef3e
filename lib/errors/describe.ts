import type { OAuth2Error } from './oauth2-error.js';
import { ESCAPED } from './one-line.js';

/** RFC 6749 §4.1.2.1, §5.2: error_description may contain %x20-21 / %x23-5B / %x5D-7E only. Messages have escapes for some of the others. */
const FORBIDDEN = new RegExp(`${ESCAPED.source}|[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]`, 'g');
/** RFC 6749 §5.2: error_uri is a URI-reference of the characters %x21 / %x23-5B / %x5D-7E. */
const URI = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const MAX_DESCRIPTION_LENGTH = 256;

/** The three members of an error response. Members without a value are left out. */
export function describe(error: OAuth2Error): Record<string, string> {
  const description = error.message.replace(FORBIDDEN, '?').slice(0, MAX_DESCRIPTION_LENGTH);
  return {
    ...(error.code && { error: error.code.replace(FORBIDDEN, '?') }),
    ...(description && { error_description: description }),
    ...(error.uri && URI.test(error.uri) && { error_uri: error.uri }),
  };
}
