/** A virtual user: a connection, what it was given, and what it will try again when the time has come. */
import { connectTo } from '../workloads/connect-to.js';
import type { Connection } from '../workloads/connection.js';
import type { Tokens } from '../workloads/verify.js';

/** What is done, and under which name it is counted. */
export interface Step {
  readonly kind: string;
  run(visitor: Visitor): Promise<void>;
}

interface Waiting extends Step {
  /** Of `Date.now()`. */
  readonly due: number;
}

/** Of each kind, and of each virtual user: the machine's limit is no reason to remember everything. */
const MOST_WAITING = 20;

export class Visitor {
  readonly http: Connection;
  /** Of the last flow. */
  tokens: Tokens | undefined;
  isLoggedIn = false;
  /** How many rounds it has gone. */
  round = 0;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(origin: string) {
    this.http = connectTo(origin);
  }

  /** @param seconds to wait, and a second or two more for the clocks */
  later(seconds: number, step: Step): void {
    const waiting = this.#waiting.get(step.kind) ?? [];
    this.#waiting.set(step.kind, waiting);
    if (waiting.length < MOST_WAITING) waiting.push({ ...step, due: Date.now() + (seconds + 2) * 1000 });
  }

  /** What has waited long enough. */
  takeDue(): readonly Step[] {
    const due = (step: Waiting | undefined): step is Waiting => step !== undefined && step.due <= Date.now();
    return [...this.#waiting.values()]
      .filter(([first]) => due(first))
      .map((waiting) => waiting.shift())
      .filter(due);
  }

  /** As if it had just come: what it had may be of no use. */
  forget(): void {
    this.tokens = undefined;
    this.isLoggedIn = false;
  }
}
