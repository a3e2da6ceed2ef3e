import type { AccessToken } from '../access-token.js';
import type { Relaxations } from '../findings.js';
import { isTooDeep } from '../http/depth.js';
import { malformedScope, parseScope } from '../syntax/scope.js';
import type { Claims, Confirmation } from '../types.js';

/** Options for tokens of an authorization server that writes a claim in another way than the RFC requires. */
export interface ClaimOptions {
  /** Accepts a `scope` that is an array of words. RFC 9068 §2.2.3 and RFC 7662 §2.2 require a text: another reader of these tokens may see another scope. */
  readonly allowScopeArray?: boolean;
}

export const CLAIM_RELAXATIONS: Relaxations<ClaimOptions> = {
  allowScopeArray: {
    why: 'Other software that reads these tokens expects text, and may see another scope',
    section: 'RFC 9068 §2.2.3',
    remedy: 'Leave it out once the authorization server writes scope as text',
  },
};

/** All options for reading claims: those of JWTs include `azp` of OpenID Connect. */
export interface ReadingOptions extends ClaimOptions {
  /** Reads the client from `azp` if there is no `client_id`. */
  readonly allowAZP?: boolean;
}

/** The claims by the type that their values must have, if they are present. */
const identifiers = ['iss', 'sub', 'client_id'] as const;
const texts = ['scope', 'acr'] as const;
const times = ['iat', 'exp', 'auth_time'] as const;

interface ReadableClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly client_id?: string;
  readonly scope?: string;
  readonly acr?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly auth_time?: number;
  readonly aud?: string | readonly string[];
  readonly cnf?: Confirmation;
}

/** Not an empty text: everybody without an identifier would count as the same user or client. */
function isIdentifier(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function areReadable(claims: Claims): claims is ReadableClaims & Claims {
  const { aud = [], cnf = {} } = claims;
  const isOptional = (name: string, type: string) => claims[name] === undefined || typeof claims[name] === type;
  return (
    identifiers.every((name) => claims[name] === undefined || isIdentifier(claims[name])) &&
    texts.every((name) => isOptional(name, 'string')) &&
    times.every((name) => isOptional(name, 'number')) &&
    [aud].flat().every(isIdentifier) &&
    typeof cnf === 'object' &&
    cnf !== null &&
    !Array.isArray(cnf)
  );
}

/** An array of words as text, the form of the RFCs; any other value unchanged. */
function toText(scope: unknown): unknown {
  const isList = Array.isArray(scope) && scope.every((word) => typeof word === 'string');
  return isList && malformedScope(scope) === undefined ? scope.join(' ') : scope;
}

/**
 * Claims without those that are null, which some servers write for an absent claim. A `cnf` of null is kept, and refused later: it may be the result of a
 * failure to write a binding (RFC 7800 §3.1).
 */
function presentClaims(verbatim: Claims, { allowScopeArray = false, allowAZP = false }: ReadingOptions): Claims {
  const present = Object.entries(verbatim).filter(([name, value]) => value !== null || name === 'cnf');
  const claims: Record<string, unknown> = Object.fromEntries(present);
  if (allowScopeArray) claims['scope'] = toText(claims['scope']);
  if (allowAZP) claims['client_id'] ??= claims['azp'];
  return claims;
}

/** Freezes a value deeply: the same token may be given to several requests. Only for values that are not nested too deep. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(Object.freeze(value))) freeze(member);
  return value;
}

/**
 * An access token as an API sees it, from the claims of a JWT or an introspection response, which have the same names. Undefined if a
 * claim has an invalid value, or is nested too deep.
 *
 * @see RFC 9068 §2.2, RFC 7662 §2.2
 */
export function toAccessToken(verbatim: Claims, options: ReadingOptions = {}): AccessToken | undefined {
  const claims = presentClaims(verbatim, options);
  if (!areReadable(claims) || isTooDeep(claims)) return undefined;
  const { iss, sub, client_id, scope, aud, iat, exp, auth_time, acr, cnf } = claims;
  return freeze({
    scope: (scope && parseScope(scope)) || [],
    clientID: client_id,
    // RFC 9068 §2.2, §5: without a user, the subject is the client, which must never count as a user of the same name
    subject: sub === client_id ? undefined : sub,
    issuer: iss,
    audience: aud === undefined ? undefined : [aud].flat(),
    issuedAt: iat,
    expiresAt: exp,
    authenticatedAt: auth_time,
    acr,
    confirmation: cnf,
    claims: verbatim,
  });
}
