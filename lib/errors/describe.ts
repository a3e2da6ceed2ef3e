import type { OAuth2Error } from './oauth2-error.js';

/** RFC 6749 §4.1.2.1, §5.2: all that error_description may contain is %x20-21 / %x23-5B / %x5D-7E. */
const FORBIDDEN = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g;
/** RFC 6749 appendix A.9: URI-reference; and without what error_uri may not contain. */
const URI = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const LONGEST = 256;

/** The three members of every error answer; those without a value are left out. */
export function describe(error: OAuth2Error): Record<string, string> {
  const description = error.message.slice(0, LONGEST).replace(FORBIDDEN, '?');
  return {
    ...(error.code && { error: error.code.replace(FORBIDDEN, '?') }),
    ...(description && { error_description: description }),
    ...(error.uri && URI.test(error.uri) && { error_uri: error.uri }),
  };
}
