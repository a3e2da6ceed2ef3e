/** All attacks, in the order in which they are tried. */
import { assertionAttacks } from './assertion/attacks.js';
import { clientAssertionAttacks } from './assertion/client.js';
import type { Attack } from './attack.js';
import { authorizationAttacks } from './authorization-attacks.js';
import { backchannelAttacks } from './backchannel/attacks.js';
import { deviceAttacks } from './device/attacks.js';
import { exchangeAttacks } from './exchange-attacks.js';
import { openidAttacks } from './openid-attacks.js';
import { registrationAttacks } from './registration/attacks.js';
import { audienceWidening, resourceSwap } from './resources/attacks.js';
import { signedAttacks } from './signed-attacks.js';
import { tokenAttacks } from './token-attacks.js';

export const attacks: readonly Attack[] = [
  ...authorizationAttacks,
  ...signedAttacks,
  ...assertionAttacks,
  ...exchangeAttacks,
  ...clientAssertionAttacks,
  ...openidAttacks,
  resourceSwap,
  audienceWidening,
  ...deviceAttacks,
  ...backchannelAttacks,
  ...registrationAttacks,
  ...tokenAttacks,
];
