/**
 * The contract of a token store. Its hard requirement is atomicity. The contract suite in `koauthorize/testing` checks a store.
 */

/**
 * The kind of a record. An extension may store records of its own kind; a record never counts as one of another kind. Records of
 * the kinds `jti` and `ephemeral` are not credentials: they note that something was used, or keep a value for a while. Leave out the subject in records of an
 * extension's kind: `list` gives one record of each authorization, and an authorization for which it gives such a record is missing among the "connected apps".
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
 * A token or code that was issued, without the credential itself, or a value that is kept for a while. It can be written as JSON.
 *
 * IDs have the form `tag.rest`. All records of one authorization, and the authorization's own ID, have the same tag, so that a distributed store (a Redis
 * cluster) can keep them in one place. `checkRecords()` refuses others. Texts may have any characters, including NUL and halves of surrogate pairs, which
 * databases may refuse. Times are epoch seconds with fractions.
 */
export interface TokenRecord {
  /** The tag, a dot, and the SHA-256 of the credential in base64url. */
  readonly id: string;
  readonly kind: TokenKind;
  /** The authorization that the record belongs to: everything that was issued for one decision of the user, or one token request. */
  readonly authorizationID: string;
  /** Empty if the record does not belong to a client. Such a record is not revoked with a user's authorizations. */
  readonly clientID: string;
  /** The user who authorized it; absent if the client acts for itself. */
  readonly subject?: string | undefined;
  /** Epoch seconds. From then on the record is not returned any more. */
  readonly expiresAt: number;
  /** Any JSON, for the token service. */
  readonly data: unknown;
  /** Epoch seconds at which it was consumed. A record that only notes a use is stored as consumed, so that no `consume` succeeds for it. */
  readonly consumedAt?: number | undefined;
}

/** A record as a store returns it. */
export interface StoredRecord extends TokenRecord {
  /** The `seal` of the call that consumed the record, for later calls. */
  readonly seal?: string | undefined;
}

/** How a record is consumed: what `consume` of a store takes. */
export interface Consumption {
  /** Epoch seconds by the caller's clock: a record that has expired by then is not consumed. */
  readonly now: number;
  /** Stored with the consumed record. */
  readonly seal?: string | undefined;
  /** Records of the same authorization that replace the consumed one. They are stored if, and only if, this call is the first. */
  readonly next?: readonly TokenRecord[] | undefined;
  /** Epoch seconds until which the consumed record and its seal are kept, if that is before the record expires. If it is over, the call is first all the same. */
  readonly keepUntil?: number | undefined;
  /** Seconds that the caller waits. After that the call must have no effect any more, and throws a StoreUnavailableError. A store that counts whole milliseconds rounds down. */
  readonly within?: number | undefined;
}

/** What `consume` of a store gives: whether this call was the first, and the record. */
export interface Consumed {
  /** Whether this call consumed it. */
  readonly first: boolean;
  /** The record after the call, with the seal and the time of the call that was first. */
  readonly record: StoredRecord;
  /**
   * Epoch seconds at which the store answered, by the same clock as `record.consumedAt`. Use only these two to compute how long ago a record
   * was consumed: the clocks of the machines that share a store differ.
   */
  readonly now: number;
}

/**
 * The clock that a database store uses for the time of consumption, for deadlines and for removing expired records. `database` is the clock of
 * the database, which all machines share. A function that returns epoch seconds is for tests.
 */
export type StoreClock = 'database' | (() => number);

/**
 * Stores what was issued. Every method needs one round trip to the database, except `revoke` and the methods that list, which work in slices.
 *
 * Atomicity, the hard requirement: of concurrent `consume` calls for one ID exactly one gets `first: true`, across processes. Its `next` is stored in the same
 * step, all records or none, and every call that gets `first: false` can read them. Once a call has resolved, its effect is as durable as the store promises.
 *
 * After `revoke(authorizationID)` has resolved, no record of that authorization is returned any more: neither an existing one nor one that a concurrent or
 * later `put` or `consume` stores.
 *
 * A malformed record is refused with a TypeError, and nothing is stored: call `checkRecords()` in `put`, and `checkSuccessors()` in `consume`. A malformed ID
 * is not an error in the other methods, because the sender of a token chooses it: treat it like an unknown ID.
 *
 * What a resolved call of one process has changed, the next call of every process sees: a store remembers nothing that it has read. IDs, users and
 * clients are compared code unit by code unit: a collation that takes `Bob` for `bob` ends the tokens of another user. No list and no revocation
 * has a limit. What was stored is still there after the store was closed and opened again, unless `isVolatile` is true.
 *
 * The caller's `now` decides whether a record has expired. Expired records are never returned. The store removes them itself, by its own clock and with a
 * delay, so that one machine with a wrong clock removes nothing that others still need.
 */
export interface TokenStore {
  /** Set it to true if the store never waits for anything outside this process. Then its calls need no timeout. */
  readonly answersAtOnce?: boolean;
  /** Set it to true if the records are lost when the process ends: the doctor warns about that in production. */
  readonly isVolatile?: boolean;
  /**
   * Stores records of one authorization in one step. A record whose ID belongs to a live record, consumed or not, is left out: the stored one
   * is never replaced, and the other records are stored. A store may also leave out a record whose ID belongs to an expired record, as long as that record
   * may be live by the clock of another machine: `lmdbStore` does so for two hours.
   *
   * @param within seconds that the caller waits. After that the call must have no effect any more, and throws a StoreUnavailableError
   * @returns whether this call stored all records: `false` if the authorization was revoked, or an ID was taken
   */
  put(records: readonly TokenRecord[], now: number, within?: number): Promise<boolean>;
  /** The record of an ID, consumed or not, unless it has expired or its authorization was revoked. */
  get(id: string, now: number): Promise<StoredRecord | undefined>;
  /** Consumes the record of that ID, unless it expired or its authorization was revoked. */
  consume(id: string, consumption: Consumption): Promise<Consumed | undefined>;
  /** Removes one record. Its ID is free again. An unknown ID is not an error. */
  remove(id: string): Promise<void>;
  /**
   * Ends an authorization, also if the store has no record of it.
   *
   * @param until epoch seconds after which no record of it can be live, so that the store may forget the revocation. An earlier one does not
   *   shorten a revocation that there is
   */
  revoke(authorizationID: string, until: number, now: number): Promise<void>;
  /**
   * One record of each live authorization of a user, of whatever kinds: of its records that were not consumed, the one that expires last. An authorization that is
   * live during the whole call is never left out, even if its tokens are replaced at the same time.
   */
  list(subject: string, now: number): Promise<readonly StoredRecord[]>;
  /**
   * All live records of a client, of whatever kinds, including consumed ones, in no order and in slices. Of an authorization that is live during the whole call
   * there is always at least one. It may read the whole store: use it to remove a client, not in every request.
   */
  listByClient(clientID: string, now: number): AsyncIterable<StoredRecord>;
  /**
   * All live records of an authorization, of whatever kinds, including consumed ones, in no order and in slices. A record that is there during the whole call, and
   * is not consumed, is never left out. `revokeAll({ user, client })` finds what a service got by token exchange with it; without it, it calls `listByClient`.
   */
  listByAuthorization?(authorizationID: string, now: number): AsyncIterable<StoredRecord>;
  /** For the doctor: what the database lacks since the store was set up, such as an index that was dropped. One sentence for each. */
  lacks?(): Promise<readonly string[]>;
  /** Ends the store's timers and closes what it opened itself. A pool or client that was passed to the store stays open. */
  close(): Promise<void>;
}

/**
 * The store is full or cannot be reached. The client gets `temporarily_unavailable` and may try again.
 *
 * @example throw new StoreUnavailableError('The database does not answer', 1, { cause: error });
 */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  /** The HTTP status that Koa and the error handler use. */
  readonly status = 503;
  /** Seconds after which to try again. */
  readonly retryAfter: number;

  constructor(message: string, retryAfter = 1, options?: ErrorOptions) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}
