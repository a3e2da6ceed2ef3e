import { hash } from 'node:crypto';
import type { AccessToken } from '../../access-token.js';
import { epoch } from '../../clock.js';
import { Reason } from '../../errors/reason.js';
import { OldestFirst } from '../../oldest-first.js';
import { type OptionNames, requireCount, requireSeconds } from '../../options.js';

/** Gives the token, or why it is none. */
type Ask = (token: string) => Promise<AccessToken | Reason>;

/** How long, and how many, answers of the introspection endpoint are used again. */
export interface CacheOptions {
  /** The most seconds that an answer for a valid token is used again: a revocation is noticed that late. Default 10; 0 asks about every request. */
  readonly cache?: number;
  /** The most answers that are kept; the oldest is dropped first. Default 1,000. */
  readonly cacheSize?: number;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

/** The names of these options. */
export const CACHE_OPTIONS: OptionNames<CacheOptions> = { cache: true, cacheSize: true, now: true };

/** A question that has not been answered yet. */
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

/** An answer is kept under the SHA-256 of its token: whoever reads the memory finds no token there. */
function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** An answer for a valid token, and when it was asked for: the token may have been revoked at any time since then. */
interface Answered {
  readonly token: AccessToken;
  readonly asked: number;
}

/** The newest answers, at most `cacheSize`. */
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
 * Asks once about a token, however many requests bring it within `cache` seconds, and keeps the answer for as long if the token is valid. An answer
 * for another token, and a failure, are not kept.
 *
 * @throws TypeError for options that cannot be
 * @see RFC 7662 §4
 */
export function remembered(ask: Ask, options: CacheOptions): Ask {
  const { cache = 10, cacheSize = 1000, now = epoch } = options;
  requireSensible(cache, cacheSize);
  const answers = newestAnswers(cacheSize);
  const questions = new Map<string, Pending>();
  /** Whether a question is recent enough for a request that comes now. After the clock was set back, none is. */
  const isFresh = (asked: number): boolean => asked <= now() && now() < asked + cache;
  /** RFC 7662 §4: an answer MUST NOT be used beyond the token's expiry. */
  const isUsable = ({ token, asked }: Answered): boolean =>
    isFresh(asked) && now() < (token.expiresAt ?? Number.POSITIVE_INFINITY);
  const askAgain = (key: string, token: string): Pending => {
    const question: Pending = { asked: now(), answer: ask(token) };
    questions.set(key, question);
    const finish = (found?: AccessToken | Reason): void => {
      if (questions.get(key) !== question) return; // a later question has replaced it, and its answer is newer
      questions.delete(key);
      if (!found || found instanceof Reason) return;
      const answered = { token: found, asked: question.asked };
      if (isUsable(answered)) answers.keep(key, answered);
    };
    question.answer.then(finish, () => finish());
    return question;
  };
  return async (token) => {
    if (typeof token !== 'string') return new Reason('it is no text'); // such as a cookie that is not there
    const key = keyOf(token);
    const answered = answers.get(key);
    if (answered && isUsable(answered)) return answered.token;
    answers.drop(key);
    const question = questions.get(key);
    // the answer to an earlier question may say what was true when it was asked: `cache` limits that as well
    return (question && isFresh(question.asked) ? question : askAgain(key, token)).answer;
  };
}
