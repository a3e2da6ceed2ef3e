/** The members that client registration adds to registrations, to the metadata, to error codes and to `createServer({ endpoints })`. */
declare module '../../types.js' {
  interface ClientMetadata {
    /** Metadata that somebody else vouches for, as a signed JWT. @see RFC 7591 §2.3 */
    readonly software_statement?: string;
  }
}
declare module '../../core.js' {
  interface EndpointURLs {
    /** Where clients read, change and remove their registrations. Usually `/register/client`. @see RFC 7592 §2 */
    readonly client_configuration?: string;
  }
}
declare module '../../errors/codes.js' {
  interface TokenErrorCodes {
    invalid_software_statement: 400;
    unapproved_software_statement: 400;
  }
}

export {};
