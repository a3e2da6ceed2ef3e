/** Virtual users who go their rounds until they are told to end, as fast as they are answered. */
import * as refusals from './refusals.js';
import * as steps from './steps.js';
import { type Step, Visitor } from './visitor.js';

const { clientCredentials, bearer, introspection } = steps;

/** What everyone does in every round. */
const ROUND: readonly Step[] = [
  ...[steps.flow, bearer, bearer, introspection],
  ...[clientCredentials, clientCredentials, clientCredentials, refusals.malformed],
  ...[steps.refreshing, refusals.tokenToExpire, introspection, bearer],
  ...[clientCredentials, clientCredentials, clientCredentials, refusals.malformed],
  ...[refusals.refreshToBeReplayed, bearer, refusals.unknownToken, refusals.openRedirect],
];

/** What they do in one round of so many. */
const SOMETIMES: readonly (readonly [number, Step])[] = [
  [2, steps.revocation],
  [4, refusals.codeReplay],
  [4, refusals.wrongVerifier],
  [4, refusals.abandonedCode],
];

/** So many unexpected answers are enough to know that something is wrong. */
const ENOUGH = 20;

/** What was done, and what was answered otherwise than it should have been. */
export class Tally {
  readonly byKind = new Map<string, number>();
  operations = 0;
  errors = 0;

  count(kind: string): void {
    this.operations++;
    this.byKind.set(kind, (this.byKind.get(kind) ?? 0) + 1);
  }

  problem(what: string): void {
    this.errors++;
    if (this.errors <= ENOUGH) console.error(what);
  }

  get isHopeless(): boolean {
    return this.errors > ENOUGH;
  }
}

export class Crowd {
  readonly #tally: Tally;
  #ended = false;
  readonly #walks: readonly Promise<void>[];

  /** @param size how many there are; they start at once */
  constructor(origin: string, size: number, tally: Tally) {
    this.#tally = tally;
    this.#walks = Array.from({ length: size }, () => this.#walk(new Visitor(origin)));
  }

  /** Lets everyone end what they do. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#walks);
  }

  async #walk(visitor: Visitor): Promise<void> {
    while (!this.#ended && !this.#tally.isHopeless) {
      const began = performance.now();
      await this.#goRound(visitor).catch((error: Error) => {
        // a machine that stands still for longer than codes live makes errors of its own
        this.#tally.problem(`${((performance.now() - began) / 1000).toFixed(1)} s into a round: ${error.stack}`);
        visitor.forget();
      });
      visitor.round++;
    }
    await visitor.http.close();
  }

  async #goRound(visitor: Visitor): Promise<void> {
    const now = SOMETIMES.filter(([every]) => visitor.round % every === 0).map(([, step]) => step);
    for (const step of [...ROUND, ...now, ...visitor.takeDue()]) {
      if (this.#ended) return;
      await step.run(visitor);
      this.#tally.count(step.kind);
    }
  }
}
