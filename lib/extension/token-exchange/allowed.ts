/** Checks what `allow` returns. If a misspelt member were ignored, the new token would get everything that the subject token allows. */
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import { requireTexts } from '../../syntax/texts.js';
import type { AllowedExchange } from './options.js';

const WHAT = 'What tokenExchange({ allow }) gives';

const KNOWN: OptionNames<AllowedExchange> = {
  scope: true,
  audience: true,
  authorizationDetails: true,
  allowFurtherAudience: true,
  allowFurtherScope: true,
  lifetime: true,
  namesActor: true,
  claims: true,
};

/**
 * @returns undefined if `allow` refuses the exchange
 * @throws TypeError for an invalid result
 */
export function readAllowed(answer: AllowedExchange | null | undefined | false): AllowedExchange | undefined {
  if (!answer) return undefined;
  requireKnown<AllowedExchange>(answer, KNOWN, WHAT);
  const { scope, audience, authorizationDetails, allowFurtherAudience, allowFurtherScope, lifetime = 1 } = answer;
  for (const [name, list] of Object.entries({ scope, audience, allowFurtherAudience, allowFurtherScope }))
    requireTexts(list, `${WHAT} as ${name}`);
  if (authorizationDetails !== undefined && !Array.isArray(authorizationDetails))
    throw new TypeError(`${WHAT} as authorizationDetails is no list`);
  requireSeconds(`${WHAT} as lifetime`, lifetime, 1);
  return answer;
}
