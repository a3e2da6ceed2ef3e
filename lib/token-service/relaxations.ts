import type { Relaxations } from '../findings.js';
import type { TokenServiceOptions } from './options.js';

/** The relaxations among the options of `tokenService`. */
export const RELAXATIONS: Relaxations<TokenServiceOptions<never, never>> = {
  rotate: {
    why: 'The use of a stolen refresh token is not detected: the attacker and the client can both use it',
    section: 'RFC 9700 §2.2.2',
    remedy:
      'Leave rotate out, except for clients that authenticate and keep their token in a file, or that FAPI 2.0 applies to',
  },
  tolerateRepeatedCode: {
    why: 'During these seconds, the theft of a code together with its verifier is not detected',
    section: 'RFC 6749 §4.1.2',
    remedy: 'Leave tolerateRepeatedCode out once no client sends a code twice',
  },
};
