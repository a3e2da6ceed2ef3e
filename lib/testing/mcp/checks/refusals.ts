/** Requests to the authorization endpoint that must be refused. An honest one must succeed before. */
import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import type { AttackClient } from '../../attack/target.js';
import { leadsTo } from '../../attack/visitor.js';
import type { Finding } from '../check.js';
import type { Exam } from '../exam/exam.js';
import type { Attempt, Changes } from '../exam/flow.js';

/** @throws Error if an honest request gets no token, since a refusal would then prove nothing */
export async function tried({ flow }: Exam, changes: Changes, client?: AttackClient): Promise<Attempt> {
  await flow.honest();
  return flow.attempt(changes, client);
}

/** Checks that a request with these changes gets neither a code nor a token. */
export async function isGiven(exam: Exam, changes: Changes, client?: AttackClient): Promise<Finding> {
  const { answer } = await tried(exam, changes, client);
  const params = answerIn(answer);
  return params.has('code') || params.has('access_token') ? describePage(answer) : undefined;
}

const ANSWER = ['error', 'error_description', 'error_uri', 'state', 'iss'] as const;

/** Whether an error was sent to the client itself, and to nobody else. */
function isToldTo({ redirect_uri, redirect_uris = [] }: AttackClient, location: string): boolean {
  if (!URL.canParse(location)) return false;
  const url = new URL(location);
  for (const name of ANSWER) url.searchParams.delete(name);
  return [redirect_uri, ...redirect_uris].some((uri) => URL.canParse(uri) && new URL(uri).href === url.href);
}

/** Checks that a request with this redirect URI neither sends the browser there nor shows a dialog. */
export async function isSent(
  exam: Exam,
  changes: Changes & { readonly redirect_uri: string },
  client?: AttackClient,
): Promise<Finding> {
  const { answer, page, client: asked } = await tried(exam, changes, client);
  if (exam.flow.formOf(page)) return 'a dialog is shown for it';
  const { location } = answer;
  if (location === undefined) return undefined;
  const hasCode = answerIn(answer).has('code');
  if (!hasCode && isToldTo(asked, location)) return undefined;
  const isThere = leadsTo(location, changes.redirect_uri) || hasCode;
  return isThere ? `the browser is sent to ${location}` : undefined;
}
