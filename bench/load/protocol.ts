/** What the load asks the server's process, and what it is told. */

/** Seconds: short, so that expiring and purging are at work too. */
export const LIFETIMES = { code: 10, accessToken: 60, refreshToken: 120, authorization: 120 } as const;

/** Seconds in which a spent refresh token gets the same answer again: the default. */
export const GRACE = 10;

/** Of sessions in cookies, as the benchmark has them. */
export const EXPECTED_WARNING = 'KOAUTHORIZE_COOKIE_SESSION';

/** Milliseconds between two looks at the event loop. */
export const RESOLUTION = 10;

export const STORES = ['memory', 'postgres'] as const;
export type StoreName = (typeof STORES)[number];

/** How much there is in the store. */
export interface Held {
  /** Records that have not expired; in memory, those of revoked authorizations are counted until they would have expired. */
  readonly live: number;
  /** Rows that are there, expired ones that nobody purged yet among them; unknown of the memory store. */
  readonly rows: number | undefined;
  /** Authorizations whose end is remembered. */
  readonly revoked: number;
}

/** Milliseconds by which the event loop was late. */
export interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface State {
  /** Microseconds since the process began. */
  readonly cpu: number;
  /** Requests that came since the process began. */
  readonly requests: number;
  /** Bytes, after a collection of garbage. */
  readonly rss: number;
  readonly heap: number;
  readonly held: Held;
  /** Answered dialogs that the replay guard remembers: at most 100,000, for ten minutes. */
  readonly dialogs: number;
  /** Of the time since it was asked before. */
  readonly delay: Delay;
}

export type Message = { readonly port: number } | { readonly state: State } | { readonly problem: string };
