/**
 * The one table of the syntax and the maximum length of request parameters. A value that it does not allow never reaches a callback.
 *
 * @see RFC 6749 appendix A
 */
import { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Params } from '../types.js';
import { toParams } from './param-map.js';
import { VISIBLE } from './visible.js';

interface Syntax {
  readonly pattern: RegExp;
  /** In UTF-16 code units. */
  readonly maxLength: number;
}

/** A.6: URI-reference. */
const URI = /^[\x21-\x7e]+$/;
/** A.4: NQCHAR. It also covers A.10, where a value is a name of fewer characters, or a URI. */
const WORD = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** A.3: words of letters, digits and underscores, separated by spaces. */
const RESPONSE_TYPE = /^\w+(?: +\w+)*$/;
/** A.4: NQCHAR and spaces. Commas and other separators that a server may be configured to accept are NQCHAR. */
const SCOPE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;
/**
 * Well-formed text without control characters. A.2, A.5, A.15 and A.16 allow less, but clients send UTF-8 there. U+FFFD is refused: decoders
 * put it in place of bytes that are not UTF-8, so two different secrets would become equal.
 */
const TEXT = /^[^\p{Cc}\p{Cs}\ufffd]+$/u;
/** For all other parameters: text. Tab, newline and carriage return are allowed, since some of these parameters are JSON. */
const OTHER = /^(?:[\t\n\r]|[^\p{Cc}\p{Cs}])+$/u;

const CREDENTIAL: Syntax = { pattern: VISIBLE, maxLength: 16_384 }; // a JWT with a chain of certificates fits

const CLIENT_ID: Syntax = { pattern: VISIBLE, maxLength: 2048 }; // A.1
const CLIENT_SECRET: Syntax = { pattern: TEXT, maxLength: 4096 }; // A.2
const SCOPES: Syntax = { pattern: SCOPE, maxLength: 8192 }; // A.4
const REDIRECT_URI: Syntax = { pattern: URI, maxLength: 4096 }; // A.6
/** The toolkit's own IDs have 22 characters; an application may make others. */
const TRANSACTION_ID: Syntax = { pattern: URI, maxLength: 256 };
/** The length is bounded by the size of the query or body alone. */
const ANY: Syntax = { pattern: OTHER, maxLength: Number.POSITIVE_INFINITY };

/** The parameters of one endpoint. Parameters that it does not list may be any text. */
type Table = ReadonlyMap<string, Syntax>;

/** The parameters of the authorization endpoint. */
export const AUTHORIZATION: Table = new Map([
  ['client_id', CLIENT_ID],
  ['response_type', { pattern: RESPONSE_TYPE, maxLength: 256 }], // A.3
  ['scope', SCOPES],
  ['state', { pattern: TEXT, maxLength: 4096 }], // A.5
  ['redirect_uri', REDIRECT_URI],
  ['response_mode', { pattern: WORD, maxLength: 256 }],
]);

/** The parameters of the endpoints that clients call directly, such as the token endpoint. */
export const PROGRAMS: Table = new Map([
  ['client_id', CLIENT_ID],
  ['client_secret', CLIENT_SECRET],
  ['grant_type', { pattern: WORD, maxLength: 256 }], // A.10
  ['scope', SCOPES],
  ['redirect_uri', REDIRECT_URI],
  ['code', CREDENTIAL], // A.11
  ['username', { pattern: TEXT, maxLength: 1024 }], // A.15
  ['password', { pattern: TEXT, maxLength: 4096 }], // A.16
  ['refresh_token', CREDENTIAL], // A.17
  ['token', CREDENTIAL], // RFC 7662 §2.1, RFC 7009 §2.1: A.12 or A.17
  ['token_type_hint', { pattern: WORD, maxLength: 256 }],
]);

function fits({ pattern, maxLength }: Syntax, value: string): boolean {
  return value.length <= maxLength && pattern.test(value);
}

export function isClientSecret(secret: string): boolean {
  return fits(CLIENT_SECRET, secret);
}

export function isTransactionID(id: string): boolean {
  return fits(TRANSACTION_ID, id);
}

/** Whether a text can be a session ID. Clients may learn it, and it has the syntax of a client identifier. */
export function isSessionID(id: unknown): id is string {
  return typeof id === 'string' && fits(CLIENT_ID, id);
}

/** The well-formed parameters of a request, and the names of the others. */
interface Sifted {
  readonly params: Params;
  readonly malformed: readonly string[];
}

const NONE: readonly string[] = [];

/** Removes the malformed parameters. */
export function sift(params: Params, table: Table): Sifted {
  const malformed: string[] = [];
  for (const name of params.keys()) {
    const syntax = table.get(name) ?? ANY;
    if (!params.all(name).every((value) => fits(syntax, value))) malformed.push(name);
  }
  if (malformed.length === 0) return { params, malformed: NONE };
  const left = toParams(params);
  for (const name of malformed) left.delete(name);
  return { params: left, malformed };
}

/** RFC 6749 §4.1.2.1, §5.2: the parameters for whose invalid values there is a more exact error code than `invalid_request`. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['response_type', 'unsupported_response_type'],
  ['grant_type', 'unsupported_grant_type'],
  ['scope', 'invalid_scope'],
  ['code', 'invalid_grant'],
  ['refresh_token', 'invalid_grant'],
]);

/** What parameter names look like. JSON that is parsed as a form becomes one long name with secrets in it, which must not be repeated in an error. */
const NAME = /^[\w.:$[\]-]{1,64}$/;

/** Whether a name may be repeated in an error. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

/**
 * The error for a malformed parameter. It repeats neither the value, nor a name that no parameter can have.
 *
 * @param table the table of the endpoint: for a parameter that it does not list the code is `invalid_request`
 */
export function malformed(name: string, table: Table): OAuth2Error {
  const code = table.has(name) ? CODES.get(name) : undefined;
  return new OAuth2Error(
    `Malformed parameter: ${isName(name) ? name : 'its name has characters or a length that no parameter has'}`,
    code ?? 'invalid_request',
    undefined,
    400,
  );
}

/**
 * Replaces a malformed `token` parameter. For RFC 7009 §2.2 and RFC 7662 §2.2 an invalid token is not an error, so the endpoint treats this
 * value as an unknown token. No request can contain it, since an empty parameter counts as absent.
 */
export const NO_TOKEN = '';

/** A malformed client_id gets the same answer as an unknown one. @see RFC 6749 §5.2 */
function unknownClient(): TokenError {
  const error = new TokenError('Client authentication failed', 'invalid_client');
  return reasoned(
    error,
    'client_id has characters, or a length, that no client identifier can have: RFC 6749 appendix A.1',
  );
}

/** Checks the parameters of a request that a client makes directly. @throws OAuth2Error for a malformed one */
export function requireWellFormed(all: Params): Params {
  const { params, malformed: names } = sift(all, PROGRAMS);
  if (names.length === 0) return params;
  const wrong = names.find((name) => name !== 'token');
  if (wrong !== undefined) throw wrong === 'client_id' ? unknownClient() : malformed(wrong, PROGRAMS);
  return toParams(params).set('token', NO_TOKEN);
}
