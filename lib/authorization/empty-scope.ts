import { scopeOf } from '../syntax/scope.js';
import type { Transaction } from '../types.js';
import type { TransactionMiddlewareOptions } from './options.js';

/**
 * Makes a denial of a decision that allows, but grants nothing of what was asked for: a client reads tokens that come without a `scope`
 * as good for all that it asked for.
 *
 * @see RFC 6749 §3.3, §5.1
 */
export function denyEmptyScope<C, U>(txn: Transaction<C, U>, options: TransactionMiddlewareOptions): void {
  const { req, res } = txn;
  const isNothing = scopeOf(res)?.length === 0 && (scopeOf(req)?.length ?? 0) > 0;
  if (res?.allow && isNothing && options.allowEmptyScope !== true) txn.res = { ...res, allow: false };
}
