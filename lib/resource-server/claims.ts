import { isTooDeep } from '../http/depth.js';
import { parseScope } from '../syntax/scope.js';
import type { AccessToken } from './access-token.js';

type Claims = Readonly<Record<string, unknown>>;

/** What a claim is allowed to be, where it is there. */
const identifiers = ['iss', 'sub', 'client_id'] as const;
const texts = ['scope', 'acr'] as const;
const times = ['iat', 'exp', 'auth_time'] as const;

interface Known {
  readonly iss?: string;
  readonly sub?: string;
  readonly client_id?: string;
  readonly scope?: string;
  readonly acr?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly auth_time?: number;
  readonly aud?: string | readonly string[];
  readonly cnf?: Readonly<Record<string, unknown>>;
}

/** An empty text names nobody, and nothing. */
function isIdentifier(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isKnown(claims: Claims): claims is Known & Claims {
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

/** One request is given what another was: nobody may write to it. For what is not too deep. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(Object.freeze(value))) freeze(member);
  return value;
}

/**
 * An access token as an API sees it, from the claims of a JWT or the answer of introspection: both have the same names. Undefined when
 * a claim is not what it has to be, or is nested too deep.
 *
 * @see RFC 9068 §2.2, RFC 7662 §2.2
 */
export function toAccessToken(verbatim: Claims): AccessToken | undefined {
  // some say null for absent; of a key to be bound to, nobody knows whether they do (RFC 7800 §3.1)
  const members = Object.entries(verbatim).filter(([name, value]) => value !== null || name === 'cnf');
  const claims = Object.fromEntries(members);
  if (!isKnown(claims) || isTooDeep(claims)) return undefined;
  const { iss, sub, client_id, scope, aud, iat, exp, auth_time, acr, cnf } = claims;
  return freeze({
    scope: (scope && parseScope(scope)) || [],
    clientID: client_id,
    // RFC 9068 §2.2, §5: without a user the subject is the client, whose name must never pass for that of a user
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
