/** What the exams find at one server. */
import type { Attacked } from './attacks.js';
import type { Decisions } from './decisions.js';
import type { Forged } from './forged.js';
import type { HostileAnswers } from './hostile.js';
import type { Race } from './race.js';
import type { Spent } from './spent.js';

export interface Findings {
  readonly races: readonly Race[];
  readonly spent: Spent;
  readonly decisions: Decisions;
  readonly forged: Forged;
  readonly hostile: HostileAnswers;
  readonly attacks: readonly Attacked[];
}

/** How much of each there is. */
export interface Effort {
  /** Of each kind of race. */
  readonly races: number;
  readonly spent: number;
  readonly decisions: number;
}
