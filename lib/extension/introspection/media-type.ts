/** The `typ` of a JWT response. @see RFC 9701 §5 */
export const RESPONSE_TYPE = 'token-introspection+jwt';

/** What an API accepts that asks for a JWT response, and what it is sent. @see RFC 9701 §4, §5 */
export const RESPONSE_MEDIA_TYPE = `application/${RESPONSE_TYPE}`;
