/** How a store speaks to Redis: within a time, and by scripts that the server knows. */
import { warnOnce } from '../../errors/warning.js';
import { StoreUnavailableError } from '../store.js';
import { tooLate, within } from './deadline.js';
import type { RedisClock } from './redis-clock.js';
import { eviction, type Script } from './redis-scripts.js';

export interface RedisEval {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What clients and clusters of the package redis can do. */
export interface RedisClient extends RedisEval {
  withCommandOptions(options: { timeout: number; typeMapping: Record<never, never> }): RedisEval;
  /** Of a cluster: its servers, and how to speak to one of them. */
  readonly masters?: readonly unknown[];
  nodeClient?(master: never): unknown;
}

/** Redis's word that it is the command, or the right to it, that is at fault: trying again would be of no use. */
const OURS = /^(?:ERR|WRONGTYPE|CROSSSLOT|NOPERM|NOAUTH)\b/;

function failure(cause: unknown): unknown {
  if (cause instanceof StoreUnavailableError || (cause instanceof Error && OURS.test(cause.message))) return cause;
  return new StoreUnavailableError('Redis is not available', 1, { cause });
}

/** Seconds that are left until the caller gives up. */
export type Patience = () => number;

export class RedisConnection {
  readonly #given: RedisClient;
  readonly #client: RedisEval;
  readonly #timeout: number;
  readonly #clock: RedisClock;
  #isChecked = false;

  /** @param timeout in seconds */
  constructor(client: RedisClient, timeout: number, clock: RedisClock) {
    this.#given = client;
    this.#timeout = timeout;
    this.#clock = clock;
    this.#client = this.#bounded(client);
  }

  /** Counts from now. @param seconds that the caller waits; never longer than any call of this connection */
  patience(seconds = this.#timeout): Patience {
    const end = performance.now() + Math.min(seconds, this.#timeout) * 1000;
    return () => (end - performance.now()) / 1000;
  }

  /**
   * Runs a script that must not take effect when its caller has given up. A server that says it is too late, and answers in time, has another
   * clock than was thought: it is asked once more.
   *
   * @returns what the script gives: a code, the time, and more
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

  /** Once: whether the server throws away what it was given when its memory is full. Servers that do not say so are believed. */
  #check(): void {
    if (this.#isChecked) return;
    this.#isChecked = true;
    this.run(eviction, []).then(
      (policy) => {
        if (policy === 'noeviction' || policy === '') return;
        warnOnce(
          'KOAUTHORIZE_REDIS_EVICTION',
          `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): used codes and assertions can become good again. Set noeviction.`,
        );
      },
      () => {},
    );
  }

  /** A command that still waits for a connection when its time is over is never sent: nothing is consumed unseen. */
  #bounded(client: RedisClient): RedisEval {
    return client.withCommandOptions({ timeout: this.#timeout * 1000, typeMapping: {} });
  }

  /** Who has keys: the one server, or each master of a cluster. */
  async *servers(): AsyncIterable<RedisEval> {
    const client = this.#given;
    if (!client.masters || !client.nodeClient) yield this.#client;
    else
      for (const master of client.masters)
        yield this.#bounded((await client.nodeClient(master as never)) as RedisClient);
  }
}
