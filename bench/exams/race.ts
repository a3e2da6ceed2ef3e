/** Several senders use one code, or one refresh token, at the same moment, and a part of the answers is lost. */
import type { Answer, Connection } from '../workloads/connection.js';
import { exchangeCode, getCode, getTokens, refresh } from '../workloads/requests.js';
import { readJSON } from '../workloads/verify.js';
import type { ExamDialog } from './dialog.js';
import { seeded } from './servers/random.js';

export type Raced = 'code' | 'refresh token';

/** Counts of many races. */
export interface Race {
  readonly raced: Raced;
  readonly senders: number;
  /** Share of the answers that are lost. */
  readonly lost: number;
  readonly tries: number;
  /** Senders who got tokens in the end. */
  readonly served: number;
  /** Answers with a status of 500 or more. */
  readonly failed: number;
  /** Tries in which one code, or one refresh token, gave more than one refresh token. */
  readonly several: number;
  /** Tries after which no sender has a refresh token that is good. */
  readonly loggedOut: number;
}

export type RacePlan = Pick<Race, 'raced' | 'senders' | 'lost' | 'tries'>;

/** One try. */
interface Try {
  /** Of the senders who got an answer with tokens, in the order in which they got it. */
  readonly held: string[];
  /** All that were given, lost answers included. */
  readonly given: Set<string>;
  failed: number;
}

/** Not verified further: an answer that is given again may have a lifetime that has become shorter. */
function refreshTokenIn(answer: Answer): string | undefined {
  const token = answer.status === 200 ? readJSON(answer)['refresh_token'] : undefined;
  return typeof token === 'string' ? token : undefined;
}

/** Sends a request until its answer is not lost, as a client does that had no answer. */
async function send(ask: () => Promise<Answer>, isLost: () => boolean, seen: Try): Promise<void> {
  for (;;) {
    const answer = await ask();
    if (answer.status >= 500) seen.failed += 1;
    const token = refreshTokenIn(answer);
    if (token !== undefined) seen.given.add(token);
    if (isLost()) continue;
    if (token !== undefined) seen.held.push(token);
    return;
  }
}

/** Whether one of the senders can go on: the one who was answered first, or else another. */
async function canGoOn(http: Connection, held: readonly string[]): Promise<boolean> {
  for (const token of new Set(held)) if ((await refresh(http, token)).status === 200) return true;
  return false;
}

/** How to use the thing that they race for, which is made before. */
async function ready(http: Connection, dialog: ExamDialog, raced: Raced): Promise<() => Promise<Answer>> {
  if (raced === 'code') {
    const coded = await getCode(http, dialog);
    return () => exchangeCode(http, coded);
  }
  const { refreshToken = '' } = await getTokens(http, dialog);
  return () => refresh(http, refreshToken);
}

/** Races one after the other. @param numbers of the tries, from which the seeds are made */
export async function race(
  http: Connection,
  dialog: ExamDialog,
  { raced, senders, lost }: Omit<RacePlan, 'tries'>,
  numbers: Iterable<number>,
): Promise<Omit<Race, keyof RacePlan>> {
  const counts = { served: 0, failed: 0, several: 0, loggedOut: 0 };
  for (const number of numbers) {
    const use = await ready(http, dialog, raced);
    const seen: Try = { held: [], given: new Set(), failed: 0 };
    const sending = Array.from({ length: senders }, (_, sender) => {
      const random = seeded(number * 64 + sender);
      return send(use, () => random() < lost, seen);
    });
    await Promise.all(sending);
    counts.served += seen.held.length;
    counts.failed += seen.failed;
    if (seen.given.size > 1) counts.several += 1;
    if (!(await canGoOn(http, seen.held))) counts.loggedOut += 1;
  }
  return counts;
}
