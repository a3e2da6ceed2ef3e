/** The resources that a decision grants. */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Transaction } from '../../types.js';
import { invalidTarget, type ResourceTable } from './table.js';

/** The APIs that the application decided on; by default the requested ones. @throws TypeError for a value that is no list of texts */
function decidedIn({ req, res }: Transaction<unknown>): readonly string[] {
  // null is not the default: a form without a ticked box may give null, which must not grant everything
  const decided: unknown = res?.resources === undefined ? req.resources : res.resources;
  if (Array.isArray(decided) && decided.every((one) => typeof one === 'string')) return decided;
  throw new TypeError('The resources of a decision are a list of identifiers');
}

/**
 * The APIs that the decision grants; undefined if the request asks for none.
 *
 * @throws OAuth2Error if they are more than was asked for: the user can tamper with the form of the dialog
 */
export async function grantedBy<C, U>(
  table: ResourceTable<C>,
  txn: Transaction<C, U>,
): Promise<readonly string[] | undefined> {
  const { client, req, res } = txn;
  const asked = req.resources;
  if (!asked && res?.resources === undefined) return undefined;
  const granted = decidedIn(txn);
  const other = granted.find((one) => !asked?.includes(one));
  if (other !== undefined)
    throw invalidTarget('A resource was granted that was not asked for', 'The decision grants more than the request', {
      granted: other,
      asked,
    });
  const allowed = await table.allowed(granted, client); // checked again: the table may have changed while the dialog was open
  if (allowed.length > 0) {
    table.requireScope(allowed, scopeOf(res) ?? scopeOf(req) ?? []); // RFC 6749 §4.1.2.1: otherwise the code could not be redeemed
    return allowed;
  }
  // without an audience, a token could be used at every API
  throw reasoned(
    new AuthorizationError('No resource was granted', 'access_denied'),
    'The decision grants none of the resources, or the client may not have them any more',
    { asked, granted },
  );
}
