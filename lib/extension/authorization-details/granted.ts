/** What a decision grants. @see RFC 9396 §3, §7.1 */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Transaction } from '../../types.js';
import type { AuthorizationDetails } from './detail.js';
import { invalidDetails } from './invalid.js';
import { readDetails } from './read.js';
import type { DetailTypes } from './types.js';

/** What the application decided, as the JSON that it becomes. @throws TypeError for what is no list */
function decidedIn({ res }: Transaction<unknown>): AuthorizationDetails | undefined {
  const decided: unknown = res?.authorizationDetails;
  if (decided === undefined) return undefined;
  if (!Array.isArray(decided)) throw new TypeError('The authorizationDetails of a decision are a list');
  return decided.length > 0 ? readDetails(JSON.stringify(decided)) : [];
}

function hasScope({ req, res }: Transaction<unknown>): boolean {
  return ((scopeOf(res) ?? scopeOf(req))?.length ?? 0) > 0;
}

/** A request of which nothing was granted is denied: a code for nothing would look like one for all. @throws AuthorizationError */
function requireSomething(txn: Transaction<unknown>, granted: AuthorizationDetails): void {
  if (granted.length > 0 || hasScope(txn)) return;
  throw reasoned(
    new AuthorizationError('Nothing was granted', 'access_denied'),
    'The decision grants no details, and there is no scope',
  );
}

/**
 * What was granted of what a request asks for; undefined if it asks for no details.
 *
 * @throws OAuth2Error for more than was asked for: the user can change the form of the dialog
 */
export async function grantedBy<C, U>(
  types: DetailTypes<C>,
  txn: Transaction<C, U>,
): Promise<AuthorizationDetails | undefined> {
  const { client, req } = txn;
  const { authorizationDetails: asked } = req;
  const decided = decidedIn(txn);
  const granted = decided ?? asked ?? [];
  for (const [index, one] of granted.entries()) {
    const isAllowed = types.isAllowed(one, client); // again: the registration may have changed while the dialog was open, or the request was kept
    if (isAllowed && (!decided || (asked && (await types.mayGrant(asked, one))))) continue;
    throw invalidDetails(
      `Granted authorization_details[${index}] were not asked for, or are not for this client`,
      'The decision grants what no element of the request covers, nor enriches; or its type is not for this client',
      { type: one.type },
    );
  }
  if (!asked) return undefined;
  requireSomething(txn, granted);
  return granted;
}
