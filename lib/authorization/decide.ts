import type { Context } from 'koa';
import type { Complete, DecisionInput } from '../callbacks.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { isTemporary } from '../errors/to-oauth2-error.js';
import { warnOnce } from '../errors/warning.js';
import { requireNoPromise } from '../promise.js';
import { withhold } from '../state.js';
import { malformedScope, scopeOf } from '../syntax/scope.js';
import type { Decision, Transaction } from '../types.js';
import { answerAgain, answerElsewhere, answerOf } from './answer.js';
import { type Answer, mergeLocals } from './ask.js';
import { sendErrorsToClient } from './current-transaction.js';
import type { TransactionMiddlewareOptions } from './options.js';
import { respond } from './response.js';
import { giveBack, TakenElsewhere } from './take.js';

/** The decision of a form or a callback, as an object of our own. */
export function toDecision(input: DecisionInput, usual: boolean): Decision {
  const { scope, allow, ...more } = input;
  requireNoPromise('A decision', scope, allow);
  const malformed = malformedScope(scopeOf(input) ?? []);
  if (malformed !== undefined) throw new AuthorizationError(`Malformed scope: ${malformed}`, 'invalid_scope');
  const granted = 'scope' in input && { scope: scope || [] }; // a form whose boxes are all unticked sends no scope, and grants none
  if (allow && allow !== true) {
    warnOnce(
      'KOAUTHORIZE_DECISION',
      'A decision gave an allow other than true or false: only true allows, so it is a denial',
    );
  }
  return Object.assign(more, granted, { allow: allow === undefined ? usual : allow === true });
}

/**
 * Answers a transaction with a decision, once. The same decision, sent again a moment later, gets the same answer. A temporary failure (503) is shown to
 * the resource owner, who can answer the same dialog again; every other error is sent to the client, and ends the dialog.
 *
 * @param choose makes the decision; what it throws is an error for the client
 */
export async function decideOnce<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  choose: () => Decision,
  options: TransactionMiddlewareOptions,
  complete?: Complete<C, U>,
): Promise<void> {
  const decide = (): Promise<void> => {
    sendErrorsToClient(core, ctx, txn, options);
    txn.res = choose();
    return respond(core, ctx, txn, options, complete);
  };
  const { transactionID } = txn;
  if (transactionID === undefined) return decide();
  await core.answered.inTurn(transactionID, async () => {
    withhold(txn);
    const answer = await answerOf(core, ctx, transactionID, options);
    if (answer) return answerAgain(core, ctx, txn, answer, choose, options);
    try {
      await decide();
    } catch (error) {
      if (error instanceof TakenElsewhere) {
        const other = await answerElsewhere(core, ctx, transactionID, options);
        return answerAgain(core, ctx, txn, other, choose, options);
      }
      if (isTemporary(error) && (await giveBack(core, ctx, txn, options))) withhold(txn);
      throw error;
    }
  });
}

/** Responds without a dialog: what `immediate` gave is the decision. */
export async function allowAtOnce<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  { info, locals }: Answer,
  options: TransactionMiddlewareOptions,
  complete?: Complete<C, U>,
): Promise<void> {
  txn.locals = mergeLocals(txn.locals, locals);
  const choose = (): Decision => toDecision({ ...(info as DecisionInput), allow: true }, true);
  await decideOnce(core, ctx, txn, choose, options, complete);
}
