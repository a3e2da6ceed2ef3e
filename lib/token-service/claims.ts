/** Converts the data of access tokens to claims of JWTs and introspection. */
import { addTo } from '../registry/add.js';
import type { Claims, Confirmation } from '../types.js';
import type { AccessData } from './access-token.js';

/** Claims that only this server sets, here or at introspection. @see RFC 7519 §4.1, RFC 7662 §2.2, RFC 9068 §2.2 */
const OWN: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'cnf',
  'acr',
  'amr',
  'auth_time',
  'active',
  'token_type',
  'username',
]);

/** @throws Error if a token request adds a claim that only the server sets */
export function requireFurther(claims: Claims): void {
  const taken = Object.keys(claims).find((name) => OWN.has(name) || name === '__proto__');
  if (taken !== undefined) throw new Error(`The claims of a token request would replace "${taken}"`);
}

/** RFC 7519 §4.1.3: a single audience may be a text instead of an array. */
function toAudience([first = '', ...more]: readonly string[]): string | string[] {
  return more.length > 0 ? [first, ...more] : first;
}

type Wire = {
  readonly iat: number;
  readonly iss?: string;
  readonly aud?: string | string[];
  readonly scope?: string;
  readonly cnf?: Confirmation;
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
};

/** The claims that JWTs and introspection have in common. @throws Error for a claim that would replace another. @see RFC 7519 §4.1, RFC 7662 §2.2 */
export function toWire(data: AccessData): Wire {
  const { scope, issuedAt, issuer, audience, confirmation, acr, amr, authenticatedAt, claims } = data;
  const more = {
    iss: issuer,
    aud: audience ? toAudience(audience) : undefined,
    scope: scope.length > 0 ? scope.join(' ') : undefined, // RFC 9068 §2.2.3
    cnf: confirmation ?? undefined, // RFC 7800 §3.1, RFC 8705 §3.1, §3.2
    acr, // RFC 9068 §2.2.1, RFC 9470 §6.2
    amr,
    auth_time: authenticatedAt,
  };
  const wire = addTo<Wire>({ iat: issuedAt }, more, 'The token');
  return claims ? addTo<Wire>(wire, claims, 'The token request') : wire;
}
