/** What clients may require of the login, by RFC 9470 and by OpenID Connect. No code. */
declare module '../types.js' {
  interface AuthorizationRequest {
    /** How the user should have logged in: any of these, the best first. */
    readonly acrValues?: readonly string[];
    /** The most seconds that may have passed since the login. */
    readonly maxAge?: number;
  }
  interface ServerMetadata {
    readonly acr_values_supported?: readonly string[];
  }
}
declare module '../errors/codes.js' {
  interface AuthorizationErrorCodes {
    unmet_authentication_requirements: 400;
  }
}
