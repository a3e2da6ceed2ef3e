/** Whether a request has the key that its token is bound to: at an API, and where an endpoint of the authorization server takes access tokens. @see RFC 9449 §7.1 */
import type { Proof } from '../../access-token.js';
import { equalInConstantTime } from '../../secrets/constant-time.js';
import { invalidProof, type ProofSettings, presentedProof, type URLsOf } from './presented.js';
import { DPOP_RULES } from './refusals.js';
import { DPOP } from './scheme.js';

/** @param algorithms told in the challenge */
export function possessionOf(settings: ProofSettings, urlsOf: URLsOf, algorithms: readonly string[]): Proof {
  return {
    scheme: DPOP,
    member: 'jkt',
    refusals: DPOP_RULES,
    async prove(ctx, token, expected) {
      const proof = await presentedProof(ctx, urlsOf, settings, token);
      if (!proof) throw invalidProof(settings, 'it is missing'); // §7.1
      if (!equalInConstantTime(proof.thumbprint, expected)) return false; // §4.3 item 12
      await proof.use(); // last: of a request without the key, nothing is kept
      return true;
    },
    challenge: () => ({ algs: algorithms.join(' ') }), // §7.1
  };
}
