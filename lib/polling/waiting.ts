/** Requests that wait for a user's decision while their clients ask for it, in all processes. */
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
  /** What `tokens.pending` knows it by. Absent if the user has denied it. */
  readonly pendingID?: string;
}

/** A request as a poll finds it. */
export interface FoundRequest<R> {
  readonly waiting: R | undefined;
  readonly answer: Answer | undefined;
}

/** Whose requests these are. */
export interface Owner {
  /** Tells them from those of other extensions in the store. */
  readonly name: string;
  /** The function that is plugged in, for messages. */
  readonly plug: string;
  /** Where they are kept. Default: the token service of the server. */
  readonly store: EphemeralStore | undefined;
}

/** Seconds by which a poll may come early, for the network. */
const EARLY = 0.5;

export class WaitingRequests<R extends WaitingRequest, C, U> {
  protected readonly core: Core<C, U>;
  readonly owner: Owner;

  constructor(core: Core<C, U>, owner: Owner) {
    this.core = core;
    this.owner = owner;
  }

  /** @throws Error where there is none */
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

  /** @param id what stands for its code. @throws Error where the store has not kept it */
  async keep(id: string, request: R): Promise<void> {
    const isKept = await this.store.add(this.key('request', id), request, Math.ceil(request.expiresAt + CLOCK_SKEW));
    if (isKept !== true) throw new Error(`The store has not kept a request of ${this.owner.plug}()`);
  }

  /** The request that waits; undefined if it was answered, or has no time left. */
  async waiting(id: string): Promise<R | undefined> {
    const request = (await this.store.get(this.key('request', id))) as R | undefined;
    return request && this.core.now() < request.expiresAt ? request : undefined;
  }

  async #answerTo(id: string): Promise<Answer | undefined> {
    return (await this.store.get(this.key('answer', id))) as Answer | undefined;
  }

  /**
   * The request as it is now, answered or not, by one round trip. Where a pool of connections has read the answer before it was there, and the request after it
   * was withdrawn, both are missing: the answer is there by now.
   */
  async find(id: string): Promise<FoundRequest<R>> {
    const [waiting, answer] = await Promise.all([this.waiting(id), this.#answerTo(id)]);
    return { waiting, answer: waiting || answer ? answer : await this.#answerTo(id) };
  }

  /**
   * Answers a request. Of several answers, in whatever processes, one counts. The request waits until the answer is there: a poll between the two finds it
   * waiting still, or answered, and never gone.
   *
   * @returns whether it was this one. With false it never will be
   * @throws the error of a store that did not say whether it has kept the answer, which may count then
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
    await this.withdraw(id).catch(() => undefined); // the answer counts all the same, and a request that stays has an answer, and expires
    return true;
  }

  /** Whether an answer counts to which the store did not reply. An answer of others stays the only one; where there is none, this one may still arrive. */
  async #counts(id: string, { pendingID }: Answer, error: unknown): Promise<boolean> {
    const stored = await this.#answerTo(id).catch(() => undefined);
    if (!stored) throw error;
    return stored.pendingID === pendingID;
  }

  /** Takes a request back: nobody can decide it any more. */
  async withdraw(id: string): Promise<void> {
    await this.store.take(this.key('request', id));
  }

  /**
   * Notes a poll, of which there is one in each span of time, in all processes. Two polls that are `interval` apart, give or take half a second for the network,
   * are never in one span.
   *
   * @returns whether it came too early after another one
   */
  async isTooEarly(id: string, clientID: string, interval: number): Promise<boolean> {
    const span = interval - EARLY;
    const number = Math.floor(this.core.now() / span);
    const key = this.key('poll', JSON.stringify([id, clientID, number])); // a store may keep what has expired for a while
    return (await this.store.add(key, true, (number + 1) * span + CLOCK_SKEW)) !== true;
  }
}
