/** The members that Session Management adds to responses, to the metadata and to `createServer({ endpoints })`. */
declare module '../../types.js' {
  interface ServerMetadata {
    readonly check_session_iframe?: string;
  }
}
declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/session/check`. @see OpenID Connect Session Management §3.3 */
    readonly check_session?: string;
  }
}

export {};
