import type { Context } from 'koa';
import type { Complete, DecisionInput } from '../callbacks.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { warnOnce } from '../errors/warning.js';
import { malformedScope, scopeOf } from '../http/scope.js';
import { requireNoPromise } from '../shape.js';
import type { Decision, Transaction } from '../types.js';
import { type Answer, mergeLocals } from './ask.js';
import type { TransactionMiddlewareOptions } from './options.js';
import { respond } from './response.js';
import { take } from './take.js';

/** What a form or a callback said, as a decision; nothing of the caller's is written to. */
export function toDecision(input: DecisionInput, usual: boolean): Decision {
  const { scope, allow, ...more } = input;
  requireNoPromise('A decision', scope, allow);
  const malformed = malformedScope(scopeOf(input) ?? []);
  if (malformed !== undefined) throw new AuthorizationError(`Malformed scope: ${malformed}`, 'invalid_scope');
  const granted = 'scope' in input && { scope: scope || [] }; // boxes that are all unticked send nothing, and allow nothing
  if (allow && allow !== true) {
    warnOnce(
      'KOAUTHORIZE_DECISION',
      'A decision gave an allow other than true or false: only true allows, so it is a denial',
    );
  }
  return Object.assign(more, granted, { allow: allow === undefined ? usual : allow === true });
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
  await take(core, ctx, txn, options);
  txn.locals = mergeLocals(txn.locals, locals);
  txn.res = toDecision({ ...(info as DecisionInput), allow: true }, true);
  await respond(core, ctx, txn, options, complete);
}
