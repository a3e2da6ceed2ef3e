/** Requests to the authorization endpoint that must be refused, after an honest one was not. */
import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import type { AttackClient } from '../../attack/target.js';
import { leadsTo } from '../../attack/visitor.js';
import type { Finding } from '../check.js';
import type { Exam } from '../exam/exam.js';
import type { Attempt, Changes } from '../exam/flow.js';

/** @throws Error where an honest request gets no token: then nothing in particular was refused */
export async function tried({ flow }: Exam, changes: Changes, client?: AttackClient): Promise<Attempt> {
  await flow.honest();
  return flow.attempt(changes, client);
}

/** What a request with these changes is given, though it should be given nothing. */
export async function isGiven(exam: Exam, changes: Changes, client?: AttackClient): Promise<Finding> {
  const { answer } = await tried(exam, changes, client);
  const params = answerIn(answer);
  return params.has('code') || params.has('access_token') ? describePage(answer) : undefined;
}

/** Whether a request with this redirect URI sends the browser there, or is shown a dialog. */
export async function isSent(
  exam: Exam,
  changes: Changes & { readonly redirect_uri: string },
  client?: AttackClient,
): Promise<Finding> {
  const { answer, page } = await tried(exam, changes, client);
  if (exam.flow.formOf(page)) return 'a dialog is shown for it';
  const { location } = answer;
  if (location === undefined) return undefined;
  const isThere = leadsTo(location, changes.redirect_uri) || answerIn(answer).has('code');
  return isThere ? `the browser is sent to ${location}` : undefined;
}
