/** The `typ` of a JWT response. @see RFC 9701 §5 */
export const RESPONSE_TYPE = 'token-introspection+jwt';

/** The media type by which an API asks for a JWT response, and of that response. @see RFC 9701 §4, §5 */
export const RESPONSE_MEDIA_TYPE = `application/${RESPONSE_TYPE}`;
