/** What the parent asks of a process that holds one store, and what it is told. */

export const STORES = ['memory', 'lmdb', 'postgres', 'redis'] as const;
export type StoreName = (typeof STORES)[number];

/** In the order of the table. */
export const OPERATIONS = ['client credentials', 'code, then tokens', 'verify', 'refresh'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** Microseconds each. */
export interface Cost {
  /** Of this process, user and system, with what it spent on collecting garbage meanwhile. */
  readonly cpu: number;
  readonly wall: number;
}

export interface Job {
  readonly store: StoreName;
  /** Where its database answers; of memory and lmdb nothing. */
  readonly address: string;
  /** How many tokens are live. */
  readonly live: number;
}

/** Told when the tokens are there. */
export interface Filled {
  readonly bytesPerToken: number;
  /** Milliseconds that nothing else runs while all of the heap is collected. */
  readonly collection: number;
}

export interface FamilyCost {
  readonly size: number;
  readonly introspect: Cost;
  /** One after the other. */
  readonly revoke: Cost;
}

/** Each has one answer. */
export type Question =
  /** `null`, after so many milliseconds: what a process has done often is compiled, however its store was filled. */
  | { readonly warmUp: OperationName; readonly milliseconds: number }
  /** A `Cost`: the mean of so many batches, in which collecting garbage counts. */
  | { readonly operation: OperationName; readonly batches: number }
  /** A `FamilyCost`, after as long a warm-up. */
  | { readonly family: number; readonly batches: number; readonly milliseconds: number }
  /** `null`, when everything is removed. */
  | 'end';
