/** The limits that an assertion itself sets. Its tokens never get more. */
import { invalidAssertion } from '../../assertion/verify.js';
import { among } from '../../syntax/scope.js';
import type { Claims, Confirmation, Scope } from '../../types.js';

/** An undefined member sets no limit. */
export interface Limits {
  readonly scope: Scope | undefined;
  /** The APIs. @see RFC 8707 §2 */
  readonly resource: readonly string[] | undefined;
  /** The keys whose possession the presenter must prove. @see RFC 7800 §3.1 */
  readonly confirmation: Confirmation | undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function scopeIn({ scope }: Claims): Scope | undefined {
  if (scope === undefined) return undefined;
  if (typeof scope !== 'string') throw invalidAssertion('scope is no text');
  return scope.split(' ').filter(Boolean);
}

function resourceIn({ resource }: Claims): readonly string[] | undefined {
  if (resource === undefined) return undefined;
  const named: readonly unknown[] = [resource].flat();
  if (named.length === 0 || !named.every(isText))
    throw invalidAssertion('resource is neither a URI nor a list of URIs');
  return named;
}

function confirmationIn({ cnf }: Claims): Confirmation | undefined {
  if (cnf === undefined) return undefined;
  const members = typeof cnf === 'object' && cnf !== null && !Array.isArray(cnf) ? Object.values(cnf) : [];
  // other members, such as a whole key in `jwk`, cannot be compared here: such an assertion must not count as one that anybody may present
  if (members.length === 0 || !members.every(isText)) throw invalidAssertion('cnf has no member that can be compared');
  return cnf as Confirmation;
}

/** @throws TokenError `invalid_grant` for a malformed claim, which must not count as no limit */
export function limitsIn(claims: Claims): Limits {
  return { scope: scopeIn(claims), resource: resourceIn(claims), confirmation: confirmationIn(claims) };
}

/** The entries that both lists have. An undefined list sets no limit. */
export function within(
  wanted: readonly string[] | undefined,
  limit: readonly string[] | undefined,
): readonly string[] | undefined {
  if (wanted === undefined || limit === undefined) return wanted ?? limit;
  return among(wanted, limit);
}

/** The keys of both. @throws TokenError if they have different keys for one member of `cnf`, since no request can prove both */
export function keysOfBoth(
  wanted: Confirmation | undefined,
  limit: Confirmation | undefined,
): Confirmation | undefined {
  if (wanted === undefined || limit === undefined) return wanted ?? limit;
  const known = new Map<string, unknown>(Object.entries(limit));
  const other = Object.entries(wanted).find(([member, value]) => (known.get(member) ?? value) !== value);
  if (other) throw invalidAssertion('cnf is another key than authorize names', { cnf: limit, wanted });
  return { ...wanted, ...limit };
}
