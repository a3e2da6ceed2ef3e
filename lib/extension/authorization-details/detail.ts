/** An element of `authorization_details`, and the objects that have such elements. @see RFC 9396 §2 */

/** One permission, as JSON: it has a type that the server declares, and the fields of that type. */
export interface AuthorizationDetail {
  readonly type: string;
  /** Where the permission may be used: usually URIs of APIs. */
  readonly locations?: readonly string[];
  readonly actions?: readonly string[];
  readonly datatypes?: readonly string[];
  readonly privileges?: readonly string[];
  /** One resource of the API. */
  readonly identifier?: string;
  readonly [field: string]: unknown;
}

/** The value of `authorization_details`: what a client may do, one element for each permission. @see RFC 9396 §2 */
export type AuthorizationDetails = readonly AuthorizationDetail[];

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** What the client asks for, as the types of the server allow it. @see RFC 9396 §3 */
    readonly authorizationDetails?: AuthorizationDetails;
  }
  interface Authorization {
    /** What was granted. It may be less than what was asked for, or enriched. @see RFC 9396 §7.1 */
    readonly authorizationDetails?: AuthorizationDetails;
  }
  interface Decision {
    /** What the user grants. Default: what was asked for. */
    readonly authorizationDetails?: AuthorizationDetails | undefined;
  }
  interface TokenRequest<C> {
    /** What the client asks for at the token endpoint. `claims.authorization_details` has what the access token gets. @see RFC 9396 §6 */
    readonly authorizationDetails?: AuthorizationDetails;
  }
  interface TokenResponse {
    /** The details of the access token. @see RFC 9396 §7 */
    readonly authorization_details?: AuthorizationDetails;
  }
  interface ServerMetadata {
    readonly authorization_details_types_supported?: readonly string[];
  }
  interface ClientMetadata {
    /** The only types that the client may use. Absent: every type. @see RFC 9396 §10 */
    readonly authorization_details_types?: readonly string[];
  }
}
declare module '../../callbacks.js' {
  interface DecisionInput {
    /** What the user grants. Default: what was asked for. @see RFC 9396 §7.1 */
    readonly authorizationDetails?: AuthorizationDetails | undefined;
  }
}
declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    invalid_authorization_details: 400;
  }
  interface TokenErrorCodes {
    invalid_authorization_details: 400;
  }
}

/** RFC 9396 §2.2: the fields whose values are lists of texts. */
export const LISTS: readonly string[] = ['locations', 'actions', 'datatypes', 'privileges'];

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The first of the common fields that has a value of a wrong kind. @see RFC 9396 §2.2 */
export function wrongCommonField(detail: object): string | undefined {
  const members = detail as Readonly<Record<string, unknown>>;
  const list = LISTS.find((name) => Object.hasOwn(members, name) && !isTexts(members[name]));
  const isWrong = Object.hasOwn(members, 'identifier') && typeof members['identifier'] !== 'string';
  return list ?? (isWrong ? 'identifier' : undefined);
}

/** Whether a value is an object with a `type`. */
export function isTyped(value: unknown): value is AuthorizationDetail {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const type = Object.hasOwn(value, 'type') ? (value as AuthorizationDetail).type : undefined;
  return typeof type === 'string' && type !== '';
}

/** Whether a value is a list of elements, which may be empty. For details that were granted before, and are read from a store or from another server. */
export function areDetails(value: unknown): value is AuthorizationDetails {
  return Array.isArray(value) && value.every((one) => isTyped(one) && wrongCommonField(one) === undefined);
}
