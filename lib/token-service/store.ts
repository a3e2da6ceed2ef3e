/**
 * What a store of tokens must do. It is small, and its hard requirement is atomicity; the contract suite in
 * `koauthorize/testing` proves a store.
 */

/**
 * What a record stands for. The kinds are open: an extension may keep records of a kind of its own, and no record is ever taken for one of
 * another kind. `jti` and `ephemeral` are no credentials; they note that something was used, or keep a value for a while.
 */
export type TokenKind =
  | 'code'
  | 'access_token'
  | 'refresh_token'
  | 'authorization'
  | 'ephemeral'
  | 'jti'
  | (string & {});

/**
 * One token or code that was handed out, without the credential itself, or one thing that is kept for a while: JSON-safe.
 *
 * IDs have the form `tag.rest`. All records of one authorization, and the authorization's own ID, share their tag, so that a
 * store in parts (a Redis cluster) can keep them in one part; other stores need not look inside.
 */
export interface TokenRecord {
  /** The tag, a dot, and the SHA-256 of the credential in base64url. */
  readonly id: string;
  readonly kind: TokenKind;
  /** Ties together everything that came from one act of authorization. */
  readonly authorizationID: string;
  readonly clientID: string;
  /** The user who authorized it; absent when it is the client's own. */
  readonly subject?: string | undefined;
  /** Epoch seconds from which on it is as if it had never been. */
  readonly expiresAt: number;
  /** What the token service keeps with it: any JSON. */
  readonly data: unknown;
  /** Epoch seconds at which it was consumed. A record that only notes a use is put with it: nobody can consume it again. */
  readonly consumedAt?: number | undefined;
}

/** A record as it is read. */
export interface StoredRecord extends TokenRecord {
  /** What the one who consumed it left for those who come after. */
  readonly seal?: string | undefined;
}

export interface Consumption {
  /** The time, in epoch seconds, by the caller's clock: what has expired by then is not consumed. */
  readonly now: number;
  /** Left with the consumed record. */
  readonly seal?: string | undefined;
  /** Records that take its place: stored if, and only if, this call is the first. Of the same authorization. */
  readonly next?: readonly TokenRecord[] | undefined;
  /** Epoch seconds until which the consumed record and its seal are kept, where that is sooner than the record's own end. */
  readonly keepUntil?: number | undefined;
  /** Seconds that the caller waits: what comes later must not take effect any more, and is a StoreUnavailableError. */
  readonly within?: number | undefined;
}

export interface Consumed {
  /** Whether this call consumed it. */
  readonly first: boolean;
  /** The record as it is now: with the seal and time of whoever was first. */
  readonly record: StoredRecord;
  /**
   * Epoch seconds at which the store answered, by the same clock as `record.consumedAt`. How long ago a record was consumed is told by
   * these two alone: the clocks of the machines that share a store differ.
   */
  readonly now: number;
}

/**
 * The clock that a store in a database tells time by, for when a record was consumed, for deadlines and for removing what expired.
 * `database` is the database's own, which all machines share; a function, in epoch seconds, is for tests.
 */
export type StoreClock = 'database' | (() => number);

/**
 * Keeps what was handed out. Every method is one round trip to where the records are, but for `revoke`, `list` and `listByClient`, which
 * cut long work into slices.
 *
 * The hard requirement: of concurrent `consume` calls for one ID exactly one is told that it was first, across processes; its
 * `next` is stored with it, all or nothing, and whoever is told that it was not first can read that `next`. What was resolved is
 * not lost as long as the store promises to keep anything.
 *
 * After `revoke(authorizationID)` has resolved, no record of that authorization is ever returned again, neither one that was there
 * nor one that a concurrent or later `put` or `consume` brings.
 *
 * Whether a record has expired is judged by the caller's `now`. Expired records are never returned, and are removed by themselves: by
 * the store's own clock and late, so that one machine whose clock is wrong removes nothing for the others.
 */
export interface TokenStore {
  /** Says that it waits for nothing outside of this process's memory, so that nobody need watch how long it takes. */
  readonly answersAtOnce?: boolean;
  /**
   * Stores the records in one step; they are of one authorization. A live record of the same ID is never replaced, whether it was
   * consumed or not: such a record is left out.
   *
   * @param within seconds that the caller waits: what comes later must not take effect any more, and is a StoreUnavailableError
   * @returns whether this call stored all of them: `false` where the authorization was revoked, or an ID was taken
   */
  put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean>;
  /** The record of that ID, consumed or not, unless it expired or its authorization was revoked. */
  get(id: string, now: number): Promise<StoredRecord | undefined>;
  /** Consumes the record of that ID, unless it expired or its authorization was revoked. */
  consume(id: string, consumption: Consumption): Promise<Consumed | undefined>;
  /** Removes one record. Unknown IDs are no error. */
  remove(id: string): Promise<void>;
  /**
   * Ends an authorization, whether anything of it is found or not.
   *
   * @param until epoch seconds after which nothing of it can be live any more, so that it may be forgotten
   */
  revoke(authorizationID: string, until: number, now: number): Promise<void>;
  /**
   * One record of each live authorization of a user: of those that were not consumed, the one that lives longest. An authorization that
   * is live all the while is never left out, though its tokens change at the same moment.
   */
  list(subject: string, now: number): Promise<readonly StoredRecord[]>;
  /**
   * All live records of a client, consumed ones as well, in no order and a slice at a time. Of an authorization that is live all the
   * while there is always one among them. This may read all that is stored: it is for ending a client, not for each request.
   */
  listByClient(clientID: string, now: number): AsyncIterable<StoredRecord>;
  /** Ends the store's own timers and whatever it opened itself; what was handed in is its giver's to close. */
  close(): Promise<void>;
}

/** A store that has no room, or cannot be reached: the client is told to try again later. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  /** Koa's and the toolkit's word for it: 503. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter = 1, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}
