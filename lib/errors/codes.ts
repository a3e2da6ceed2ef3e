/**
 * The registries of error codes and their HTTP statuses, for the compiler. A specification adds its own codes by interface merging:
 * `declare module './codes.js' { interface TokenErrorCodes { unknown_voucher: 400 } }`. These types do not exist at run time: an extension
 * also declares each status other than 400 in its member `errors`: `{ name, errors: { not_yet: 403 } }`.
 */

/** Error codes of the authorization endpoint, with the statuses of errors that are shown to the user. @see RFC 6749 §4.1.2.1 */
export interface AuthorizationErrorCodes {
  invalid_request: 400;
  unauthorized_client: 403;
  access_denied: 403;
  unsupported_response_type: 400;
  invalid_scope: 400;
  server_error: 500;
  temporarily_unavailable: 503;
}

/** Error codes of the token endpoint, with their statuses. @see RFC 6749 §5.2 */
export interface TokenErrorCodes {
  invalid_request: 400;
  invalid_client: 401;
  invalid_grant: 400;
  unauthorized_client: 400;
  unsupported_grant_type: 400;
  invalid_scope: 400;
  server_error: 500;
  temporarily_unavailable: 503;
}

/** @see RFC 7591 §3.2.2 */
export interface RegistrationErrorCodes {
  invalid_client_metadata: 400;
  invalid_redirect_uri: 400;
}

/** A registered code, or any other code that the application uses. @see RFC 6749 §8.5 */
export type CodeOf<Registry> = (keyof Registry & string) | (string & {});

const serverStatuses: ReadonlyMap<string, number> = new Map([
  ['server_error', 500],
  ['temporarily_unavailable', 503],
]);

/** The HTTP status of a code: 400, unless the RFC names another one. @see RFC 6749 §5.2 */
export function statusOf(code: string, statuses: ReadonlyMap<string, number>): number {
  return statuses.get(code) ?? serverStatuses.get(code) ?? 400;
}
