/** What a decision grants. @see RFC 9396 §3, §7.1 */
import { AuthorizationError } from '../../errors/authorization-error.js';
import type { OAuth2Error } from '../../errors/oauth2-error.js';
import { reasoned } from '../../errors/reason.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Transaction } from '../../types.js';
import type { AuthorizationDetails } from './detail.js';
import { invalidDetails } from './invalid.js';
import { readDetails } from './read.js';
import { firstWithoutWhole } from './share.js';
import type { DetailTypes } from './types.js';

/** The details that the application decided, as the JSON that is stored. @throws TypeError for a value that is not a list */
function decidedIn({ res }: Transaction<unknown>): AuthorizationDetails | undefined {
  const decided: unknown = res?.authorizationDetails;
  if (decided === undefined) return undefined;
  if (!Array.isArray(decided)) throw new TypeError('The authorizationDetails of a decision are a list');
  return decided.length > 0 ? readDetails(JSON.stringify(decided)) : [];
}

function hasScope({ req, res }: Transaction<unknown>): boolean {
  return ((scopeOf(res) ?? scopeOf(req))?.length ?? 0) > 0;
}

/** A decision that grants nothing denies the request: a client could take a code that grants nothing for a code that grants all. @throws AuthorizationError */
function requireSomething(txn: Transaction<unknown>, granted: AuthorizationDetails): void {
  if (granted.length > 0 || hasScope(txn)) return;
  throw reasoned(
    new AuthorizationError('Nothing was granted', 'access_denied'),
    'The decision grants no details, and there is no scope',
  );
}

function notAskedFor(granted: AuthorizationDetails, index: number): OAuth2Error {
  return invalidDetails(
    `Granted authorization_details[${index}] were not asked for, or are not for this client`,
    'The decision grants something that no element of the request covers or enriches, or grants an element twice; or its type is not for this client',
    { type: granted[index]?.type },
  );
}

/** @throws OAuth2Error if more is granted than was asked for, or if one requested element is granted several times */
async function requireAsked<C>(types: DetailTypes<C>, asked: AuthorizationDetails, decided: AuthorizationDetails) {
  const index = await firstWithoutWhole(asked, decided, (...both) => types.mayBecome(...both));
  if (index !== undefined) throw notAskedFor(decided, index);
}

/**
 * The details that the decision grants; undefined if the request asks for none.
 *
 * @throws OAuth2Error if they are more than was asked for: the user can tamper with the form of the dialog
 */
export async function grantedBy<C, U>(
  types: DetailTypes<C>,
  txn: Transaction<C, U>,
): Promise<AuthorizationDetails | undefined> {
  const { client, req } = txn;
  const { authorizationDetails: asked } = req;
  const decided = decidedIn(txn);
  const granted = decided ?? asked ?? [];
  // checked again: the registration may have changed while the dialog was open, or while a pushed request was stored
  const other = granted.findIndex((one) => !types.isAllowed(one, client));
  if (other >= 0) throw notAskedFor(granted, other);
  if (decided) await requireAsked(types, asked ?? [], decided);
  if (!asked) return undefined;
  requireSomething(txn, granted);
  return granted;
}
