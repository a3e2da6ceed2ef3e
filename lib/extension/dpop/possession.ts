/** Checks that a request to an API, or to an endpoint of the server that accepts access tokens, has the key that its token is bound to. @see RFC 9449 §7.1 */
import type { Proof } from '../../access-token.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import { invalidProof, type ProofSettings, presentedProof, type URLsOf } from './presented.js';
import { DPOP_RULES } from './refusals.js';
import { DPOP } from './scheme.js';

/** @param algorithms the algorithms that the challenge names */
export function possessionOf(settings: ProofSettings, urlsOf: URLsOf, algorithms: readonly string[]): Proof {
  return {
    scheme: DPOP,
    member: 'jkt',
    refusals: DPOP_RULES,
    async prove(ctx, token, expected) {
      const proof = await presentedProof(ctx, urlsOf, settings, token);
      if (!proof) throw invalidProof(settings, 'it is missing'); // §7.1
      if (!equalInConstantTime(proof.thumbprint, expected)) return false; // §4.3 item 12
      await proof.use(); // last, so that nothing is stored for a request without the key
      return true;
    },
    challenge: () => ({ algs: algorithms.join(' ') }), // §7.1
  };
}
