/** Attacks on token exchange. */
import type { Attack } from './attack.js';
import { actorAttacks } from './exchange/actors.js';
import { presentedAttacks } from './exchange/attacks.js';
import { endingAttacks } from './exchange/endings.js';

export const exchangeAttacks: readonly Attack[] = [...presentedAttacks, ...actorAttacks, ...endingAttacks];
