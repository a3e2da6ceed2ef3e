/** The response to a dialog, kept for a user who submits the dialog twice. */
import { hash } from 'node:crypto';
import { seal, unseal } from '../secrets/seal.js';
import type { Decision, ResponseParams, TransactionRecord } from '../types.js';

/** Seconds within which a repeated decision gets the same response again. */
export const SAME_ANSWER_SECONDS = 10;

export interface Answer {
  /** The transaction that was answered. */
  readonly record: TransactionRecord;
  readonly decision: Decision;
  /** The parameters that the client was sent; absent if a response function of the application sent them. */
  readonly params?: ResponseParams | undefined;
  /** Epoch seconds. */
  readonly at: number;
}

/** The ID that an answer is stored under. It is a hash, because the dialog's ID is the key that the answer is sealed with. */
export function answerIDOf(transactionID: string): string {
  return hash('sha256', `answer:${transactionID}`, 'base64url');
}

/** The record that stores an answer in the transaction store. Its content is sealed with the dialog's ID. */
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

/** @returns undefined if the record holds no answer, or that of another dialog */
export function fromKept(kept: TransactionRecord | undefined, transactionID: string): Answer | undefined {
  if (kept?.answer === undefined) return undefined;
  try {
    return unseal(kept.answer, transactionID) as Answer;
  } catch {
    return undefined;
  }
}
