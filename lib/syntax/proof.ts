import type { Proof } from '../access-token.js';

/** RFC 9110 §5.6.2, §11.1: a scheme is a token. */
const SCHEME = /^[\w!#$%&'*+.^`|~-]+$/;

/** What makes a proof of possession unusable for an API; undefined if nothing does. */
export function faultOfProof({ member, scheme, prove }: Proof): string | undefined {
  if (!member) return 'A proof needs a member of cnf';
  if (typeof scheme !== 'string' || !SCHEME.test(scheme))
    return `The proof for "${member}" needs a scheme, and has ${scheme}`;
  return typeof prove === 'function' ? undefined : `The proof for "${member}" needs a function prove`;
}
