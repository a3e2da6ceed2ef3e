/** Proofs of possession: what a request must prove if its token is bound to a key. @see RFC 7800 §3.1 */
import type { Context } from 'koa';
import type { Proof } from '../access-token.js';
import { faultOfProof } from '../syntax/proof.js';
import { BEARER, isSameType } from '../syntax/token-type.js';
import type { Confirmation } from '../types.js';
import type { TokenInRequest } from './token-in-request.js';

/** The proofs that an API can check, by the member of `cnf` that requires each. */
export type KnownProofs = ReadonlyMap<string, Proof>;

/** @throws TypeError for a proof that has no member, no scheme or no function, and for two proofs for one member */
export function knownProofs(proofs: readonly Proof[]): KnownProofs {
  const known = new Map<string, Proof>();
  for (const proof of proofs) {
    const { member } = proof;
    const fault = faultOfProof(proof);
    if (fault !== undefined) throw new TypeError(fault);
    if (known.has(member)) throw new TypeError(`There are two proofs for the member "${member}" of cnf`);
    known.set(member, proof);
  }
  return known;
}

interface NeededProof {
  readonly proof: Proof;
  readonly expected: string;
}

/** The proofs that a token needs, or why it is refused. */
function neededProofs(confirmation: Confirmation, known: KnownProofs): readonly NeededProof[] | string {
  const members = Object.entries(confirmation ?? {}); // a verifier in plain JavaScript may give null
  if (members.length === 0) return 'its cnf names no key';
  const needed: NeededProof[] = [];
  for (const [member, expected] of members) {
    const proof = known.get(member);
    // RFC 9449 §7.2: a binding that cannot be checked must not be ignored
    if (!proof) return `it is bound by "${member}", which none of the proofs of this API is for`;
    if (typeof expected !== 'string' || expected === '') return `"${member}" of its cnf names no key`;
    needed.push({ proof, expected });
  }
  return needed;
}

function wrongScheme(scheme: string, expected: readonly string[]): string {
  return `it came with the scheme ${scheme}, not ${expected.join(' and ')}`;
}

/**
 * Why an unbound token is refused. RFC 9449 §7.1: a token that is not bound by DPoP is never accepted with the scheme `DPoP`.
 *
 * @param scheme the scheme of its Authorization header
 */
export function unboundFault(scheme: string): string | undefined {
  return isSameType(scheme, BEARER) ? undefined : wrongScheme(scheme, [BEARER]);
}

/** Why the scheme of a bound token is wrong. RFC 9449 §7.2: a token that is bound by DPoP is never accepted with the scheme `Bearer`. */
function schemeFault(scheme: string, needed: readonly NeededProof[]): string | undefined {
  const special = needed.map(({ proof }) => proof.scheme).filter((one) => !isSameType(one, BEARER));
  if (special.length === 0) return unboundFault(scheme);
  return special.every((one) => isSameType(one, scheme)) ? undefined : wrongScheme(scheme, special);
}

/**
 * Why a request does not prove possession of all keys that its token is bound to; undefined if it does.
 *
 * @throws the error of a proof
 */
export async function proofFault(
  ctx: Context,
  { token, scheme }: TokenInRequest,
  confirmation: Confirmation,
  known: KnownProofs,
): Promise<string | undefined> {
  const needed = neededProofs(confirmation, known);
  if (typeof needed === 'string') return needed;
  const fault = schemeFault(scheme, needed);
  if (fault !== undefined) return fault;
  for (const { proof, expected } of needed) {
    if ((await proof.prove(ctx, token, expected)) !== true)
      return `it is bound by "${proof.member}" to a key that the request does not prove to have`;
  }
  return undefined;
}
