import { scopeOf } from '../syntax/scope.js';
import type { Transaction } from '../types.js';
import type { TransactionMiddlewareOptions } from './options.js';

/**
 * Turns a decision that allows an empty scope into a denial, if a scope was asked for. A response without `scope` tells the client that it was
 * granted all that it asked for (RFC 6749 §5.1).
 *
 * @see RFC 6749 §3.3, §5.1
 */
export function denyEmptyScope<C, U>(txn: Transaction<C, U>, options: TransactionMiddlewareOptions): void {
  const { req, res } = txn;
  const isNothing = scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
  if (res?.allow && isNothing && options.allowEmptyScope !== true) txn.res = { ...res, allow: false };
}
