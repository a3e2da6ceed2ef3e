/** What an assertion itself says of the access: nothing that comes of it is more than that. */
import { invalidAssertion } from '../../assertion/verify.js';
import { among } from '../../syntax/scope.js';
import type { Claims, Confirmation, Scope } from '../../types.js';

/** Undefined members limit nothing. */
export interface Limits {
  readonly scope: Scope | undefined;
  /** The APIs. @see RFC 8707 §2 */
  readonly resource: readonly string[] | undefined;
  /** The keys that whoever presents it must prove to have. @see RFC 7800 §3.1 */
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
  // such as a whole key in `jwk`, which nothing here compares: it must not count as an assertion that anybody may present
  if (members.length === 0 || !members.every(isText)) throw invalidAssertion('cnf is none that can be compared');
  return cnf as Confirmation;
}

/** @throws TokenError `invalid_grant` for what cannot be read: it must not be taken for no limit */
export function limitsIn(claims: Claims): Limits {
  return { scope: scopeIn(claims), resource: resourceIn(claims), confirmation: confirmationIn(claims) };
}

/** What is in both lists. A list that is not there limits nothing. */
export function within(
  wanted: readonly string[] | undefined,
  limit: readonly string[] | undefined,
): readonly string[] | undefined {
  if (wanted === undefined || limit === undefined) return wanted ?? limit;
  return among(wanted, limit);
}

/** The keys of both. @throws TokenError where they name two keys for one member of `cnf`, of which nobody can prove both */
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
