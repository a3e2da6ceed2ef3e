/** Those who ask the server while it purges, each one request after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bearer, clientCredentials, flow, introspection, refreshing } from '../load/steps.js';
import { type Step, Visitor } from '../load/visitor.js';
import { type Spread, Times } from './pauses.js';

const USERS = 4;

/** Requests that are one each: their times are gathered. */
const TIMED: readonly Step[] = [clientCredentials, bearer, introspection];

const ROUND: readonly Step[] = [flow, bearer, clientCredentials, introspection, refreshing, bearer, clientCredentials];

export interface PurgeCrowd {
  /** Milliseconds of requests since the look before. */
  look(): Spread;
  /** @returns how many answers were not what they should be */
  end(): Promise<number>;
}

/** @param pause milliseconds between an answer and the next request */
export function crowd(origin: string, pause: number): PurgeCrowd {
  const times = new Times();
  let ended = false;
  let wrong = 0;
  const walk = async (): Promise<void> => {
    const visitor = new Visitor(origin);
    const goRound = async (): Promise<void> => {
      for (const step of ROUND) {
        const run = (): Promise<void> => step.run(visitor);
        await (TIMED.includes(step) ? times.of(run) : run());
        await sleep(pause);
      }
    };
    while (!ended) {
      await goRound().catch((error: unknown) => {
        wrong++;
        console.error(error);
        visitor.forget();
      });
    }
    await visitor.http.close();
  };
  const walks = Promise.all(Array.from({ length: USERS }, walk));
  return {
    look: () => times.look(),
    async end() {
      ended = true;
      await walks;
      return wrong;
    },
  };
}
