/** Tells whether the server accepts a client with a document. @see draft-ietf-oauth-client-id-metadata-document */
import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import type { Check, Finding } from '../check.js';
import type { Exam } from '../exam/exam.js';
import type { Members } from '../exam/members.js';
import type { MCPDocument } from '../target.js';

/** The newest draft, whose sections are cited. */
export const DRAFT = 'draft-ietf-oauth-client-id-metadata-document-03';

/** @throws FlowFailed if a client with a valid document gets no code */
export async function takesGood({ flow, registration }: Exam): Promise<void> {
  await flow.code({}, await registration.publish('/good.json'));
}

/** Checks that a client with this document is refused, and one with a valid document is not. */
export async function isTaken(
  exam: Exam,
  path: string,
  changes: Members,
  answer: Partial<MCPDocument> = {},
): Promise<Finding> {
  await takesGood(exam);
  const client = await exam.registration.publish(path, changes, answer);
  const { page, answer: last } = await exam.flow.attempt({}, client);
  if (exam.flow.formOf(page)) return 'a dialog is shown';
  return answerIn(last).has('code') ? describePage(last) : undefined;
}

/** A check that a document is refused. */
export const refuses =
  (path: string, changes: Members, answer?: Partial<MCPDocument>): Check['run'] =>
  (exam) =>
    isTaken(exam, path, changes, answer);
