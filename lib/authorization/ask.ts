import type { AnyImmediate, Immediate, ImmediateResult, ImmediateTransaction } from '../callbacks.js';
import { warnOnce } from '../errors/warning.js';
import { requireNoPromise } from '../promise.js';
import { takesOne } from '../registry/shape.js';
import type { Locals, Transaction } from '../types.js';

export interface Answer {
  readonly allow: boolean;
  readonly info: unknown;
  readonly locals: Locals | undefined;
}

/** Calls `immediate`: the application may allow the request without asking the resource owner. */
export async function ask<C, U>(txn: Transaction<C, U>, immediate: AnyImmediate<C, U> | undefined): Promise<Answer> {
  const isDue = txn.prompts !== undefined && txn.prompts.length > 0; // the user must do something first, which `immediate` cannot replace
  if (!immediate || isDue) return { allow: false, info: txn.info, locals: undefined };
  const { client, user, req, locals } = txn;
  const result: ImmediateResult = takesOne(immediate)
    ? await (immediate as ImmediateTransaction<C, U>)(txn)
    : await (immediate as Immediate<C, U>)(client, user as U, req.scope, req.type, req, locals);
  const [allow, info, more] = Array.isArray(result) ? result : [result];
  requireNoPromise('immediate', allow, info, more);
  if (allow && allow !== true) {
    warnOnce(
      'KOAUTHORIZE_IMMEDIATE',
      'immediate gave something other than true or false: only true allows, so the user is asked',
    );
  }
  return { allow: allow === true, info, locals: more };
}

/** Merges locals into a new object; later ones replace earlier ones. */
export function mergeLocals(earlier: Locals | undefined, later: Locals | undefined): Locals | undefined {
  return earlier || later ? { ...earlier, ...later } : undefined;
}
