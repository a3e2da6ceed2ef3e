/** What is measured: a store with what works on it. */

export const OPERATIONS = ['client credentials', 'verify', 'refresh'] as const;
export type OperationName = (typeof OPERATIONS)[number];

/** Makes what is done again and again by one of those who do it at the same time. It throws where an answer is wrong. */
export type NewOperation = () => Promise<() => Promise<void>>;

export interface Contestant {
  readonly operations: Readonly<Record<OperationName, NewOperation>>;
  close(): Promise<void>;
}

/** Tells how much CPU the database has used until now, in microseconds. */
export type UsedByDatabase = () => Promise<number>;

/** Seconds for which a token lives. */
export const LIFETIME = 3600;

/** How many connections the pools of PostgreSQL have. */
export const CONNECTIONS = 20;
