/** The members that the logout specifications add to registrations, to the metadata and to `createServer({ endpoints })`. */
declare module '../../types.js' {
  interface ClientMetadata {
    /** Where the browser may be sent after a logout. The URIs are compared as exact strings. @see OpenID Connect RP-Initiated Logout §3.1 */
    readonly post_logout_redirect_uris?: readonly string[];
    /** Where logout tokens are posted to. @see OpenID Connect Back-Channel Logout §2.2 */
    readonly backchannel_logout_uri?: string;
    /** Whether the client needs `sid` in a logout token. @see OpenID Connect Back-Channel Logout §2.2 */
    readonly backchannel_logout_session_required?: boolean;
    /** A page of the client that ends its session, for an iframe. @see OpenID Connect Front-Channel Logout §2 */
    readonly frontchannel_logout_uri?: string;
    /** Whether the client needs `iss` and `sid` in the query of that page. @see OpenID Connect Front-Channel Logout §2 */
    readonly frontchannel_logout_session_required?: boolean;
  }
  interface ServerMetadata {
    readonly end_session_endpoint?: string;
    readonly backchannel_logout_supported?: boolean;
    readonly backchannel_logout_session_supported?: boolean;
    readonly frontchannel_logout_supported?: boolean;
    readonly frontchannel_logout_session_supported?: boolean;
  }
}
declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/logout`. @see OpenID Connect RP-Initiated Logout §2 */
    readonly end_session?: string;
    /** Where the page that asks the user posts its form. Usually `/logout/decision`. */
    readonly end_session_decision?: string;
  }
}

export {};
