/** What the parent asks of the server that purges, and of the other client of its database. */
import type { Pauses, Spread } from './pauses.js';
import type { StoreName } from './protocol.js';

export interface PurgeJob {
  readonly store: StoreName;
  readonly address: string;
  /** How many expired records there are to be. */
  readonly records: number;
}

export interface Listening {
  readonly port: number;
  readonly address: string;
}

export type PurgeQuestion =
  /** Brings in what has expired. Answered by the bytes of each record. */
  | 'fill'
  /** Lets it be removed. Answered by when that begins, in milliseconds since the epoch. */
  | 'purge'
  /** Answered by `Seen`. */
  | 'look'
  /** Answered by the share of what had expired that is still there, 0 to 1. */
  | 'left'
  /** Answered by `null`. */
  | 'end';

/** Since it was asked before. */
export interface Seen {
  readonly pauses: Pauses;
  /** Milliseconds of the longest collection of garbage. */
  readonly garbage: number;
  /** Milliseconds of CPU. */
  readonly cpu: number;
}

/** Of the other client, since it was asked before: milliseconds. */
export interface Neighbour {
  readonly read: Spread;
  readonly write: Spread;
}
