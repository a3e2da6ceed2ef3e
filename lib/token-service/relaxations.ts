import type { Relaxations } from '../findings.js';
import type { TokenServiceOptions } from './options.js';

/** Options of `tokenService` that give something up. */
export const RELAXATIONS: Relaxations<TokenServiceOptions<never, never>> = {
  rotate: {
    why: 'The use of a stolen refresh token is not noticed: it works beside that of its client',
    section: 'RFC 9700 §2.2.2',
    remedy:
      'Leave rotate out, but for clients that authenticate and keep their token in a file, or that FAPI 2.0 binds',
  },
  tolerateRepeatedCode: {
    why: 'A code that was stolen together with its verifier is not noticed for so many seconds',
    section: 'RFC 6749 §4.1.2',
    remedy: 'Leave tolerateRepeatedCode out once no client sends a code twice',
  },
};
