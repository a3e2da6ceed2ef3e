import { hash } from 'node:crypto';
import type { AccessToken } from '../../access-token.js';
import { epoch } from '../../clock.js';
import { Reason } from '../../errors/reason.js';
import { OldestFirst } from '../../oldest-first.js';
import { type OptionNames, requireCount, requireSeconds } from '../../options.js';

/** Returns the token, or why it is refused. */
type Ask = (token: string) => Promise<AccessToken | Reason>;

/** How long responses of the introspection endpoint are reused, and how many. */
export interface CacheOptions {
  /** The most seconds for which the response for a valid token is reused: a revocation may be noticed that late. Default 10; 0 asks for every request. */
  readonly cache?: number;
  /** The most responses that are kept; the oldest is dropped first. Default 1,000. */
  readonly cacheSize?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** The names of these options. */
export const CACHE_OPTIONS: OptionNames<CacheOptions> = { cache: true, cacheSize: true, now: true };

/** A request to the endpoint that has no response yet. */
interface Pending {
  /** Epoch seconds. */
  readonly asked: number;
  readonly answer: ReturnType<Ask>;
}

/** @throws TypeError */
function requireSensible(cache: number, cacheSize: number): void {
  requireSeconds('cache', cache, 0);
  requireCount('cacheSize', cacheSize, 1);
}

/** A response is kept under the SHA-256 of its token, so that the cache contains no tokens. */
function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** The response for a valid token, and when it was asked for: the token may have been revoked since then. */
interface Answered {
  readonly token: AccessToken;
  readonly asked: number;
}

/** The newest responses, at most `cacheSize`. */
function newestAnswers(cacheSize: number) {
  const kept = new OldestFirst<Answered>();
  return {
    get: (key: string) => kept.get(key),
    drop: (key: string) => kept.delete(key),
    keep(key: string, answered: Answered): void {
      kept.set(key, answered);
      kept.deleteWhile(() => kept.size > cacheSize);
    },
  };
}

/**
 * Asks once about a token, however many requests have it within `cache` seconds, and keeps the response for that time if the token is valid. Responses for
 * invalid tokens and failures are not kept.
 *
 * @throws TypeError for invalid options
 * @see RFC 7662 §4
 */
export function remembered(ask: Ask, options: CacheOptions): Ask {
  const { cache = 10, cacheSize = 1000, now = epoch } = options;
  requireSensible(cache, cacheSize);
  const answers = newestAnswers(cacheSize);
  const questions = new Map<string, Pending>();
  /** Whether a question is recent enough for a request that comes now. No question is after the clock was set back. */
  const isFresh = (asked: number): boolean => asked <= now() && now() < asked + cache;
  /** RFC 7662 §4: a response MUST NOT be used after the token has expired. */
  const isUsable = ({ token, asked }: Answered): boolean =>
    isFresh(asked) && now() < (token.expiresAt ?? Number.POSITIVE_INFINITY);
  const askAgain = (key: string, token: string): Pending => {
    const question: Pending = { asked: now(), answer: ask(token) };
    questions.set(key, question);
    const finish = (found?: AccessToken | Reason): void => {
      if (questions.get(key) !== question) return; // a later question has replaced this one, and its response is newer
      questions.delete(key);
      if (!found || found instanceof Reason) return;
      const answered = { token: found, asked: question.asked };
      if (isUsable(answered)) answers.keep(key, answered);
    };
    question.answer.then(finish, () => finish());
    return question;
  };
  return async (token) => {
    if (typeof token !== 'string') return new Reason('it is no text'); // such as a missing cookie
    const key = keyOf(token);
    const answered = answers.get(key);
    if (answered && isUsable(answered)) return answered.token;
    answers.drop(key);
    const question = questions.get(key);
    // a response that is still awaited tells the state at the time of its question, so `cache` limits its age, too
    return (question && isFresh(question.asked) ? question : askAgain(key, token)).answer;
  };
}
