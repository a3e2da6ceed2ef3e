/** What CIBA adds to requests, registrations and the metadata. No code. @see CIBA §4, §13 */
declare module '../../core.js' {
  interface EndpointURLs {
    /** Where clients send authentication requests. Usually `/backchannel_authentication`. @see CIBA §7 */
    readonly backchannel_authentication?: string;
    /** The page on which a user sees what waits for them. Usually `/backchannel`. */
    readonly backchannel_dialog?: string;
    /** Where that page posts the decision. Usually `/backchannel/decision`. */
    readonly backchannel_decision?: string;
  }
}
declare module '../../types.js' {
  interface AuthorizationRequest {
    /** A text that the client shows, too, so that the user can compare both. @see CIBA §7.1 */
    readonly bindingMessage?: string;
  }
  interface ClientMetadata {
    readonly backchannel_token_delivery_mode?: string;
    readonly backchannel_client_notification_endpoint?: string;
    readonly backchannel_authentication_request_signing_alg?: string;
    readonly backchannel_user_code_parameter?: boolean;
  }
  interface ServerMetadata {
    readonly backchannel_authentication_endpoint?: string;
    readonly backchannel_token_delivery_modes_supported?: readonly string[];
    readonly backchannel_authentication_request_signing_alg_values_supported?: readonly string[];
    readonly backchannel_user_code_parameter_supported?: boolean;
  }
}
declare module '../../errors/codes.js' {
  interface TokenErrorCodes {
    expired_login_hint_token: 400;
    unknown_user_id: 400;
    missing_user_code: 400;
    invalid_user_code: 400;
    invalid_binding_message: 400;
  }
}
