/**
 * What the parameters of requests may look like, and how long they may be: the one table. What it does not allow never reaches a callback.
 *
 * @see RFC 6749 appendix A
 */
import { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Params } from '../types.js';
import { toParams } from './param-map.js';

interface Syntax {
  readonly pattern: RegExp;
  /** In UTF-16 code units. */
  readonly longest: number;
}

/** RFC 6749 appendix A: VSCHAR. */
const VISIBLE = /^[\x20-\x7e]+$/;
/** A.6: URI-reference. */
const URI = /^[\x21-\x7e]+$/;
/** A.4, and A.10, whose names are URIs or of fewer characters: NQCHAR. */
const WORD = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** A.3: words of letters, digits and underscores. Other separators than a space belong to scopes alone. */
const RESPONSE_TYPE = /^\w+(?: +\w+)*$/;
/** A.4: words with separators between. */
const SCOPE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;
/**
 * A.2, A.5, A.15 and A.16 have less, but clients send UTF-8 there: well-formed text without control characters. U+FFFD is what decoders
 * make of bytes that are no UTF-8, so that nobody knows what was sent.
 */
const TEXT = /^[^\p{Cc}\p{Cs}\ufffd]+$/u;
/** Of everything else: text, in which JSON may have its white space. */
const OTHER = /^(?:[\t\n\r]|[^\p{Cc}\p{Cs}])+$/u;

const CREDENTIAL: Syntax = { pattern: VISIBLE, longest: 16_384 }; // a JWT with a chain of certificates fits

const CLIENT_ID: Syntax = { pattern: VISIBLE, longest: 2048 }; // A.1
const CLIENT_SECRET: Syntax = { pattern: TEXT, longest: 4096 }; // A.2
const SCOPES: Syntax = { pattern: SCOPE, longest: 8192 }; // A.4
const REDIRECT_URI: Syntax = { pattern: URI, longest: 4096 }; // A.6
/** 22 characters, or an application's own. */
const TRANSACTION_ID: Syntax = { pattern: URI, longest: 256 };
/** What reads the body has a bound of its own. */
const ANY: Syntax = { pattern: OTHER, longest: Number.POSITIVE_INFINITY };

/** The parameters of one endpoint; those of others are nothing to it but text. */
type Table = ReadonlyMap<string, Syntax>;

/** Of the authorization endpoint. */
export const AUTHORIZATION: Table = new Map([
  ['client_id', CLIENT_ID],
  ['response_type', { pattern: RESPONSE_TYPE, longest: 256 }], // A.3
  ['scope', SCOPES],
  ['state', { pattern: TEXT, longest: 4096 }], // A.5
  ['redirect_uri', REDIRECT_URI],
  ['response_mode', { pattern: WORD, longest: 256 }],
]);

/** Of the endpoints that programs ask: token, introspection, revocation. */
export const PROGRAMS: Table = new Map([
  ['client_id', CLIENT_ID],
  ['client_secret', CLIENT_SECRET],
  ['grant_type', { pattern: WORD, longest: 256 }], // A.10
  ['scope', SCOPES],
  ['redirect_uri', REDIRECT_URI],
  ['code', CREDENTIAL], // A.11
  ['username', { pattern: TEXT, longest: 1024 }], // A.15
  ['password', { pattern: TEXT, longest: 4096 }], // A.16
  ['refresh_token', CREDENTIAL], // A.17
  ['token', CREDENTIAL], // RFC 7662 §2.1, RFC 7009 §2.1: A.12 or A.17
  ['token_type_hint', { pattern: WORD, longest: 256 }],
]);

function fits({ pattern, longest }: Syntax, value: string): boolean {
  return value.length <= longest && pattern.test(value);
}

export function isClientSecret(secret: string): boolean {
  return fits(CLIENT_SECRET, secret);
}

export function isTransactionID(id: string): boolean {
  return fits(TRANSACTION_ID, id);
}

/** The parameters of a request that can be read, and the names of those that cannot. */
export interface Sifted {
  readonly params: Params;
  readonly malformed: readonly string[];
}

const NONE: readonly string[] = [];

/** Takes away the parameters whose values cannot be. */
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

/** RFC 6749 §4.1.2.1, §5.2: of some parameters, what cannot be is said in other words than of a request that cannot be understood. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['response_type', 'unsupported_response_type'],
  ['grant_type', 'unsupported_grant_type'],
  ['scope', 'invalid_scope'],
  ['code', 'invalid_grant'],
  ['refresh_token', 'invalid_grant'],
]);

/**
 * The error for a parameter whose value cannot be. It does not repeat the value.
 *
 * @param table of the endpoint: what belongs to another one has no code of its own here
 */
export function malformed(name: string, table: Table): OAuth2Error {
  const code = table.has(name) ? CODES.get(name) : undefined;
  return new OAuth2Error(`Malformed parameter: ${name}`, code ?? 'invalid_request', undefined, 400);
}

/** Stands for a `token` that cannot be one: RFC 7009 §2.2 and RFC 7662 §2.2 have no error for it. What is empty is never sent. */
export const NO_TOKEN = '';

/** What is said of a client that there cannot be is what is said of one that there is not. @see RFC 6749 §5.2 */
function noClient(): TokenError {
  const error = new TokenError('Client authentication failed', 'invalid_client');
  return reasoned(error, 'client_id has characters, or a length, that no client identifier can have');
}

/** The parameters of a request that programs make. @throws OAuth2Error for one whose value cannot be */
export function requireWellFormed(all: Params): Params {
  const { params, malformed: names } = sift(all, PROGRAMS);
  if (names.length === 0) return params;
  const wrong = names.find((name) => name !== 'token');
  if (wrong !== undefined) throw wrong === 'client_id' ? noClient() : malformed(wrong, PROGRAMS);
  return toParams(params).set('token', NO_TOKEN);
}
