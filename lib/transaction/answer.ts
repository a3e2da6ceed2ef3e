/** What a dialog was answered with, kept for those who press its button twice. */
import { hash } from 'node:crypto';
import { seal, unseal } from '../secrets/seal.js';
import type { Decision, ResponseParams, TransactionRecord } from '../types.js';

/** How long the same answer is given again, in seconds. */
export const REPEATABLE = 10;

export interface Answer {
  /** What was asked, and of whom. */
  readonly record: TransactionRecord;
  readonly decision: Decision;
  /** What the client was sent; absent where a responder by hand sent it. */
  readonly params?: ResponseParams | undefined;
  /** Epoch seconds. */
  readonly at: number;
}

/** What an answer is kept under: from this the dialog's ID cannot be told, which is the key to the answer. */
export function answerIDOf(transactionID: string): string {
  return hash('sha256', `answer:${transactionID}`, 'base64url');
}

/** An answer as it is kept: a record beside those that wait, which only someone who has the dialog's ID can read. */
export function toKept(answer: Answer, transactionID: string): TransactionRecord {
  return {
    protocol: 'oauth2',
    client: null,
    redirectURI: '',
    req: { type: '', clientID: '' },
    at: answer.at,
    answer: seal(answer, transactionID),
  };
}

/** @returns undefined when it is none, or another dialog's */
export function fromKept(kept: TransactionRecord | undefined, transactionID: string): Answer | undefined {
  if (kept?.answer === undefined) return undefined;
  try {
    return unseal(kept.answer, transactionID) as Answer;
  } catch {
    return undefined;
  }
}
