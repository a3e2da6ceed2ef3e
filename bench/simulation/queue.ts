/** A simulation of requests that wait for processes and for a database: events in the order of their times, and no real time. */

/** A part of a request: so much work of a process, or of the database. */
export interface Stage {
  readonly at: 'process' | 'database';
  /** Seconds of one core. */
  readonly work: number;
  /** Seconds until it arrives there. */
  readonly travel: number;
}

export interface Kind {
  readonly name: string;
  /** Arrivals in a second, on average; they come at random. */
  readonly rate: number;
  readonly stages: readonly Stage[];
}

export interface Cell {
  readonly processes: number;
  /** Cores of the database. */
  readonly cores: number;
}

export interface Outcome {
  /** Milliseconds, of all kinds together. */
  readonly p50: number;
  readonly p99: number;
  /** Shares of the time in which they worked. */
  readonly process: number;
  readonly database: number;
}

/** Random numbers that are the same in each run: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Servers of one queue: what comes first is worked on first, by whoever is free first. */
class Station {
  readonly #freeAt: number[];
  worked = 0;

  constructor(servers: number) {
    this.#freeAt = Array.from({ length: servers }, () => 0);
  }

  /** @returns when the work that arrives then is done */
  serve(arrival: number, work: number): number {
    const free = Math.min(...this.#freeAt);
    const done = Math.max(arrival, free) + work;
    this.#freeAt[this.#freeAt.indexOf(free)] = done;
    this.worked += work;
    return done;
  }
}

interface Event {
  readonly at: number;
  readonly begun: number;
  readonly kind: Kind;
  readonly stage: number;
}

function arrivals(kinds: readonly Kind[], seconds: number): Event[] {
  const events: Event[] = [];
  for (const [i, kind] of kinds.entries()) {
    const random = randomFrom(i + 1);
    for (let at = 0; ; ) {
      at -= Math.log(1 - random()) / kind.rate;
      if (!(at < seconds)) break;
      events.push({ at: at + (kind.stages[0]?.travel ?? 0), begun: at, kind, stage: 0 });
    }
  }
  return events.sort((one, other) => one.at - other.at);
}

/** Where an event belongs in a list that is in order of time. */
function placeOf(events: readonly Event[], at: number, from: number): number {
  let [low, high] = [from, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function simulate(kinds: readonly Kind[], { processes, cores }: Cell, seconds: number): Outcome {
  const stations = { process: new Station(processes), database: new Station(cores) };
  const events = arrivals(kinds, seconds);
  const latencies: number[] = [];
  for (let next = 0; next < events.length; next++) {
    const { at, begun, kind, stage } = events[next] as Event;
    const { at: where, work } = kind.stages[stage] as Stage;
    const done = stations[where].serve(at, work);
    const following = kind.stages[stage + 1];
    if (!following) latencies.push(done - begun);
    else {
      const arrival = done + following.travel;
      events.splice(placeOf(events, arrival, next + 1), 0, { at: arrival, begun, kind, stage: stage + 1 });
    }
  }
  latencies.sort((one, other) => one - other);
  const shareOf = (share: number): number => (latencies[Math.floor(latencies.length * share)] ?? Number.NaN) * 1000;
  return {
    p50: shareOf(0.5),
    p99: shareOf(0.99),
    process: stations.process.worked / processes / seconds,
    database: stations.database.worked / cores / seconds,
  };
}
