/** Requests that wait for a user's decision while their clients poll, shared by all processes. */
import { CLOCK_SKEW } from '../clock.js';
import type { Core } from '../core.js';
import type { EphemeralStore } from '../plugs.js';
import type { AuthorizationRequest } from '../types.js';

/** A request that waits for its user. JSON. */
export interface WaitingRequest {
  readonly request: AuthorizationRequest;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** What the user has decided. */
export interface Answer {
  readonly clientID: string;
  /** The ID of the pending authorization in `tokens.pending`. Absent if the user has denied the request. */
  readonly pendingID?: string;
}

/** A request as a poll finds it. */
export interface FoundRequest<R> {
  readonly waiting: R | undefined;
  readonly answer: Answer | undefined;
}

/** The extension that the requests belong to. */
export interface Owner {
  /** Distinguishes them from the requests of other extensions in the store. */
  readonly name: string;
  /** The function that is plugged in, for messages. */
  readonly plug: string;
  /** Where they are kept. Default: the token service of the server. */
  readonly store: EphemeralStore | undefined;
}

/** Seconds by which a poll may arrive early, because of the network. */
const EARLY = 0.5;

export class WaitingRequests<R extends WaitingRequest, C, U> {
  protected readonly core: Core<C, U>;
  readonly owner: Owner;

  constructor(core: Core<C, U>, owner: Owner) {
    this.core = core;
    this.owner = owner;
  }

  /** @throws Error if neither the extension nor the server has a store */
  get store(): EphemeralStore {
    const { store, plug } = this.owner;
    const found = store ?? this.core.tokens?.ephemeral;
    if (found) return found;
    throw new Error(`${plug}() has no store: createServer({ tokens }), or ${plug}({ store: ephemeralStore(store) })`);
  }

  /** Servers that share a store have different names, and do not see each other's requests. */
  protected key(kind: string, id: string): string {
    return JSON.stringify([this.owner.name, this.core.name, kind, id]);
  }

  /** Stores a request. @param id the `idOfCode` of its code. @throws Error if the store has not kept it */
  async keep(id: string, request: R): Promise<void> {
    const isKept = await this.store.add(this.key('request', id), request, Math.ceil(request.expiresAt + CLOCK_SKEW));
    if (isKept !== true) throw new Error(`The store has not kept a request of ${this.owner.plug}()`);
  }

  /** The request, if it still waits; undefined if it was answered or has expired. */
  async waiting(id: string): Promise<R | undefined> {
    const request = (await this.store.get(this.key('request', id))) as R | undefined;
    return request && this.core.now() < request.expiresAt ? request : undefined;
  }

  async #answerTo(id: string): Promise<Answer | undefined> {
    return (await this.store.get(this.key('answer', id))) as Answer | undefined;
  }

  /**
   * The request and its answer, read in one round trip. The two reads may use different connections: if the answer was read before it was stored, and the
   * request after it was withdrawn, both are missing. The answer is then read again.
   */
  async find(id: string): Promise<FoundRequest<R>> {
    const [waiting, answer] = await Promise.all([this.waiting(id), this.#answerTo(id)]);
    return { waiting, answer: waiting || answer ? answer : await this.#answerTo(id) };
  }

  /**
   * Answers a request. Of several answers, in whatever processes, exactly one counts. The answer is stored before the request is withdrawn, so that a poll
   * between the two finds the request waiting or answered, and never missing.
   *
   * @returns whether this answer counts
   * @throws the error of the store if it is not known whether the store has kept the answer. The answer may then count
   */
  async answer(id: string, { expiresAt }: WaitingRequest, answer: Answer): Promise<boolean> {
    const key = this.key('answer', id);
    let isFirst: boolean;
    try {
      isFirst = await this.store.add(key, answer, Math.ceil(expiresAt + CLOCK_SKEW));
    } catch (error) {
      isFirst = await this.#counts(id, answer, error);
    }
    if (isFirst !== true) return false;
    await this.withdraw(id).catch(() => undefined); // the answer counts in any case: a request that stays has an answer, and expires
    return true;
  }

  /** Whether an answer counts although the store failed when it was stored. @throws that error if no answer is stored: this one may still arrive */
  async #counts(id: string, { pendingID }: Answer, error: unknown): Promise<boolean> {
    const stored = await this.#answerTo(id).catch(() => undefined);
    if (!stored) throw error;
    return stored.pendingID === pendingID;
  }

  /** Removes a request: nobody can decide it any more. */
  async withdraw(id: string): Promise<void> {
    await this.store.take(this.key('request', id));
  }

  /**
   * Counts a poll: one is allowed in each span of time, in all processes. A span is half a second shorter than `interval`, so that two polls at the right
   * distance never fall into one span.
   *
   * @param interval seconds
   * @returns whether the poll came too early after another one
   */
  async isTooEarly(id: string, clientID: string, interval: number): Promise<boolean> {
    const span = interval - EARLY;
    const number = Math.floor(this.core.now() / span);
    const key = this.key('poll', JSON.stringify([id, clientID, number])); // with the number of the span: a store may delete an expired value late
    return (await this.store.add(key, true, (number + 1) * span + CLOCK_SKEW)) !== true;
  }
}
