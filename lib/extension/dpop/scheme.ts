/** The type of a bound access token, and the scheme of the Authorization header that carries it. @see RFC 9449 §5, §7.1 */
export const DPOP = 'DPoP';
