/** Runs the scripts of the Redis store, with a timeout. */
import { warnOnce } from '../../errors/warning.js';
import { StoreUnavailableError } from '../store.js';
import { tooLate, within } from './deadline.js';
import type { RedisClock } from './redis-clock.js';
import type { Script } from './redis-lua.js';
import { eviction } from './redis-scripts.js';

interface RedisEval {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** The part of a client or cluster of the package redis that is used. */
export interface RedisClient extends RedisEval {
  withCommandOptions(options: { timeout: number; typeMapping: Record<never, never> }): RedisEval;
  /** Only clusters have these: the servers, and a function that connects to one of them. */
  readonly masters?: readonly unknown[];
  nodeClient?(master: never): unknown;
}

/** Errors in the command or its permissions. Trying again would not help, so the client is not told to. */
const PERMANENT = /^(?:ERR|WRONGTYPE|CROSSSLOT|NOPERM|NOAUTH)\b/;

function failure(cause: unknown): unknown {
  if (cause instanceof StoreUnavailableError || (cause instanceof Error && PERMANENT.test(cause.message))) return cause;
  return new StoreUnavailableError('Redis is not available', 1, { cause });
}

/** Gives the seconds that are left until the caller gives up. */
type Patience = () => number;

export class RedisConnection {
  readonly #given: RedisClient;
  readonly #client: RedisEval;
  readonly #timeout: number;
  readonly #clock: RedisClock;
  #isChecked = false;
  /** Whether keys of different tags may be on different servers. */
  #isCluster: boolean;

  /** @param timeout in seconds */
  constructor(client: RedisClient, timeout: number, clock: RedisClock) {
    this.#given = client;
    this.#timeout = timeout;
    this.#clock = clock;
    this.#isCluster = client.masters !== undefined;
    this.#client = this.#bounded(client);
  }

  /** Starts counting now. @param seconds that the caller waits; the timeout of the connection is the maximum */
  patience(seconds = this.#timeout): Patience {
    const end = performance.now() + Math.min(seconds, this.#timeout) * 1000;
    return () => (end - performance.now()) / 1000;
  }

  /**
   * Runs a script that must have no effect after its caller has given up. If the server answers in time that it is too late, the estimate of its
   * clock was wrong, or there was none, as for the first script of a process: so it is run once more.
   *
   * @returns the result of the script: a code, the time, and more
   */
  async runInTime(
    script: Script,
    keys: string[],
    before: readonly string[],
    after: readonly string[],
    patience: Patience,
  ): Promise<readonly unknown[] | undefined> {
    this.#check();
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = await this.run(script, keys, [
        ...before,
        this.#clock.given,
        this.#clock.deadline(patience()),
        ...after,
      ]);
      if (!Array.isArray(answer)) return undefined;
      this.#clock.learn(Number(answer[1]));
      if (answer[0] !== -1) return answer;
    }
    throw tooLate();
  }

  /**
   * Runs one script if all keys are on one server, and several if this is a cluster. A server that is not known to be part of a cluster says so
   * itself: it refuses the script, which has changed nothing.
   */
  async together<T>(inOne: () => Promise<T>, inSeveral: () => Promise<T>): Promise<T> {
    if (this.#isCluster) return await inSeveral();
    try {
      return await inOne();
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('CROSSSLOT'))) throw error;
      this.#isCluster = true;
      return await inSeveral();
    }
  }

  async run(
    { sha, text }: Script,
    keys: string[],
    values: string[] = [],
    server: RedisEval = this.#client,
  ): Promise<unknown> {
    const options = { keys, arguments: values };
    const answer = server.evalSha(sha, options).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return server.eval(text, options);
      throw error;
    });
    try {
      return await within(this.#timeout, answer);
    } catch (error) {
      throw failure(error);
    }
  }

  /** Checks once whether the server evicts keys when its memory is full. A server that does not allow INFO is not checked. */
  #check(): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    this.run(eviction, []).then(
      (policy) => {
        if (policy === 'noeviction' || policy === '') return;
        warnOnce(
          'KOAUTHORIZE_REDIS_EVICTION',
          `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): used codes and assertions can become valid again. Set noeviction.`,
        );
      },
      () => {},
    );
  }

  /** With this timeout, a command that waits for a connection for too long is never sent, so it cannot consume a record unnoticed. */
  #bounded(client: RedisClient): RedisEval {
    return client.withCommandOptions({ timeout: this.#timeout * 1000, typeMapping: {} });
  }

  /** The servers that have keys: the single server, or each master of a cluster. */
  async *servers(): AsyncIterable<RedisEval> {
    const client = this.#given;
    if (!client.masters || !client.nodeClient) yield this.#client;
    else
      for (const master of client.masters)
        yield this.#bounded((await client.nodeClient(master as never)) as RedisClient);
  }
}
