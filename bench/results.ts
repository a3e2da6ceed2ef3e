/** Figures of all rounds, and what is made of them. */
import type { Work } from './measure.js';

export interface Figures {
  /** Microseconds of the server's CPU for one operation. */
  readonly cpu: number;
  /** Operations in a second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Share of the time in which the server was computing. */
  readonly busy: number;
}

/** All turns of a round as one: what is seldom, such as collecting garbage, counts as often as it is. */
function figuresOf(turns: readonly Work[]): Figures {
  const sum = (of: (work: Work) => number): number => turns.reduce((before, work) => before + of(work), 0);
  const [server, elapsed] = [sum((work) => work.server), sum((work) => work.elapsed)];
  const latencies = turns.flatMap((work) => work.latencies).sort((one, other) => one - other);
  return {
    cpu: server / latencies.length,
    throughput: (latencies.length / elapsed) * 1e6,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    busy: server / elapsed,
  };
}

/** Figures by server and workload, in the order of the rounds. */
export class Results {
  readonly #all = new Map<string, Figures[]>();
  readonly #baseline: string;

  /** @param baseline the server that the others are compared with */
  constructor(baseline: string) {
    this.#baseline = baseline;
  }

  add(server: string, workload: string, turns: readonly Work[]): Figures {
    const figures = figuresOf(turns);
    const key = `${server} ${workload}`;
    this.#all.set(key, [...(this.#all.get(key) ?? []), figures]);
    return figures;
  }

  of(server: string, workload: string): readonly Figures[] {
    return this.#all.get(`${server} ${workload}`) ?? [];
  }

  /** How many of a server's operations fit into the CPU time of one of the baseline's, in each round. */
  ratios(server: string, workload: string): readonly number[] {
    const baseline = this.of(this.#baseline, workload);
    return this.of(server, workload).map(({ cpu }, round) => (baseline[round]?.cpu ?? Number.NaN) / cpu);
  }
}
