/** The earlier answer of a dialog, for a user who submits its form twice. */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Context } from 'koa';
import type { Core } from '../core.js';
import { AnsweredError } from '../errors/answered-error.js';
import { perRequest } from '../http/per-request.js';
import { isOurs } from '../state.js';
import { responseTypeKey } from '../syntax/response-type.js';
import { type Answer, answerIDOf, fromKept, SAME_ANSWER_SECONDS, toKept } from '../transaction/answer.js';
import type { Decision, ResponseParams, Transaction } from '../types.js';
import { denyEmptyScope } from './empty-scope.js';
import { prepared, responseModeForParams, sessionKeyOf, type TransactionMiddlewareOptions } from './options.js';
import { unableToLoad } from './take.js';
import { toRecord } from './wait.js';

/** What the loader found in place of a waiting transaction. */
export const foundAnswer = perRequest<Answer>('answer');

/** The answer in the transaction store, which binds it to the browser as it binds the dialog. */
export async function keptAnswer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  transactionID: string,
  options: TransactionMiddlewareOptions,
): Promise<Answer | undefined> {
  const kept = await core.transactions.load(ctx, answerIDOf(transactionID), sessionKeyOf(options));
  return fromKept(kept ?? undefined, transactionID);
}

/** Keeps the answer to a dialog. If the store fails, the answer is valid all the same. */
export async function keepAnswer<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  params: ResponseParams | undefined,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  const { transactionID, res } = txn;
  if (transactionID === undefined || !res) return;
  try {
    const answer = { record: await toRecord(core, txn), decision: res, params, at: core.now() };
    const kept = toKept(answer, transactionID);
    let isSent = false;
    ctx.res.once('finish', () => {
      isSent = true;
    });
    core.answered.keep(transactionID, { record: kept, isSent: () => isSent });
    if (isOurs(txn)) await core.transactions.store(ctx, answerIDOf(transactionID), kept, sessionKeyOf(options));
  } catch (error) {
    ctx.app.emit('error', error, ctx);
  }
}

/** Milliseconds between the attempts to load an answer from another process, which has taken the dialog and has not stored its answer yet. */
const PAUSES = [20, 50, 100, 200, 400];

/** The answer that another process gave to the dialog. @throws ForbiddenError if that process does not store it in time */
export async function answerElsewhere<C, U>(
  core: Core<C, U>,
  ctx: Context,
  transactionID: string,
  options: TransactionMiddlewareOptions,
): Promise<Answer> {
  for (const milliseconds of PAUSES) {
    const answer = await keptAnswer(core, ctx, transactionID, options);
    if (answer) return answer;
    await pause(milliseconds);
  }
  throw unableToLoad('Another process took it, and has not kept its answer');
}

/**
 * The answer of a dialog; undefined if it still waits. It is given only in the session in which the dialog was shown.
 *
 * @throws ForbiddenError if the dialog was answered and the answer is not kept any more
 */
export async function answerOf<C, U>(
  core: Core<C, U>,
  ctx: Context,
  transactionID: string,
  options: TransactionMiddlewareOptions,
): Promise<Answer | undefined> {
  const found = foundAnswer.of(ctx);
  if (found || !core.answered.has(transactionID)) return found;
  const answer =
    fromKept(core.answered.answerTo(transactionID)?.record, transactionID) ??
    (await keptAnswer(core, ctx, transactionID, options).catch(() => undefined));
  if (!answer) throw unableToLoad('It was answered, and the answer is not kept any more');
  return answer;
}

/** Whether the client can still use the response. If the grant cannot say so, it counts as used as soon as it was sent. */
async function isOfUse<C, U>(core: Core<C, U>, transactionID: string, { record, decision, params }: Answer) {
  if (!decision.allow) return true;
  const grant = core.grants.get(responseTypeKey(record.req.type));
  if (grant?.isSpent && params) return !(await grant.isSpent(params));
  return core.answered.answerTo(transactionID)?.isSent() === false;
}

function isSame<C, U>(
  txn: Transaction<C, U>,
  decision: Decision,
  choose: () => Decision,
  options: TransactionMiddlewareOptions,
): boolean {
  try {
    const again: Transaction<C, U> = { ...txn, res: choose() };
    denyEmptyScope(again, options); // the first decision went through the same rule
    return isDeepStrictEqual(JSON.parse(JSON.stringify(again.res)), decision);
  } catch {
    return false;
  }
}

/** Tells how the dialog was answered, for a page of the application. @throws AnsweredError, or ForbiddenError to another user */
export function tell<C, U>(core: Core<C, U>, { user, client, redirectURI }: Transaction<C, U>, answer: Answer): never {
  const subject = user === undefined ? undefined : core.subject(user);
  if (subject !== answer.record.subject) throw unableToLoad('Another user answered it');
  throw new AnsweredError(answer.decision.allow, client, redirectURI);
}

/**
 * Answers a decision on a dialog that was answered a moment ago. The same choice of the same user gets the same response again, as long as the
 * client can use it. All others get an error that says how the dialog was answered.
 */
export async function answerAgain<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  answer: Answer,
  choose: () => Decision,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  const { transactionID = '', user } = txn;
  const { decision, params, at, record } = answer;
  const isSameUser = (user === undefined ? undefined : core.subject(user)) === record.subject;
  const isRecent = Math.abs(core.now() - at) <= SAME_ANSWER_SECONDS;
  const mode = params && responseModeForParams(core, record.req, params, options);
  if (!mode || !isSameUser || !isRecent || !isSame(txn, decision, choose, options)) return tell(core, txn, answer);
  if (!(await isOfUse(core, transactionID, answer))) return tell(core, txn, answer);
  await mode.send(ctx, txn, await prepared(mode, txn, params));
}
