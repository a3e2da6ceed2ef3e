/** What access tokens say in the words of JWT and introspection. */
import { addTo } from '../registry/add.js';
import type { Claims, Confirmation } from '../types.js';
import type { AccessData } from './access-token.js';

/** Claims that this server makes itself, here or at introspection: nobody else says them. @see RFC 7519 §4.1, RFC 7662 §2.2, RFC 9068 §2.2 */
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

/** @throws Error where a token request adds a claim that is the server's own to make */
export function requireFurther(claims: Claims): void {
  const taken = Object.keys(claims).find((name) => OWN.has(name) || name === '__proto__');
  if (taken !== undefined) throw new Error(`The claims of a token request would replace "${taken}"`);
}

/** RFC 7519 §4.1.3: one may stand alone. */
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

/** What JWT and introspection say in the same words. @throws Error for a claim that would replace another. @see RFC 7519 §4.1, RFC 7662 §2.2 */
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
