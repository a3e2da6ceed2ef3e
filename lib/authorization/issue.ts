/** The steps after a decision that allows: extensions may refuse it, the authorization is made, and the grant issues. */
import type { Context } from 'koa';
import type { Complete } from '../callbacks.js';
import { requireRegisteredScope, requireResponseType } from '../clients/permitted.js';
import type { Core } from '../core.js';
import { warnOnce } from '../errors/warning.js';
import type { Grant } from '../plugs.js';
import { isPromise } from '../promise.js';
import { add, addTo } from '../registry/add.js';
import { scopeOf } from '../syntax/scope.js';
import type { Authorization, ResponseParams, Transaction } from '../types.js';
import { requirePrompted } from './prompts.js';

/** What was granted, with the members that extensions add. */
export async function authorizationOf<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<Authorization> {
  const { client, user, redirectURI, req, res } = txn;
  let authorization: Authorization = {
    clientID: core.clientID(client) ?? req.clientID,
    redirectURI,
    scope: scopeOf(res) ?? scopeOf(req) ?? [],
    request: req,
  };
  if (user !== undefined)
    addTo(authorization, { subject: core.subject(user), authentication: core.authenticationEvent(user) }, 'The server');
  for (const { name, authorization: steps } of core.extensions) {
    if (steps?.authorize) authorization = add(authorization, await steps.authorize(txn), name);
  }
  return authorization;
}

function warnIfExposed<C, U>({ extensions }: Core<C, U>, { name, exposedTo }: Grant<C, U>): void {
  if (!exposedTo || extensions.some(({ prevents }) => prevents?.includes(exposedTo.attack))) return;
  warnOnce(exposedTo.warning, `The ${name} grant is used without an extension that prevents ${exposedTo.attack}.`);
}

/** Has a grant issue its code or tokens. @returns the parameters of the response */
export async function issue<C, U>(
  core: Core<C, U>,
  grant: Grant<C, U>,
  txn: Transaction<C, U>,
): Promise<ResponseParams> {
  warnIfExposed(core, grant);
  const params = await grant.issue(txn, await authorizationOf(core, txn), {});
  return add(params, await grant.extend?.(txn), 'extend');
}

/**
 * Lets the extensions refuse what the user, or `immediate`, has allowed, before anything is issued.
 *
 * @throws OAuth2Error
 */
export async function requireAllowable<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<void> {
  requireRegisteredScope(txn.client, scopeOf(txn.res) ?? scopeOf(txn.req));
  for (const { authorization } of core.extensions) {
    const decided = authorization?.decide?.(txn);
    if (isPromise(decided)) await decided;
  }
}

/** Makes a function that judges a decision that allows, and judges it again only if a response written by hand has changed the scope. */
export function guarding<C, U>(core: Core<C, U>): (txn: Transaction<C, U>) => Promise<void> {
  let judged: string | undefined;
  return async (txn) => {
    const scope = String(txn.res?.scope); // a callback may have changed the array
    if (!txn.res?.allow || judged === scope) return;
    await requirePrompted(core, txn);
    requireResponseType(core, txn.client, txn.req.type); // the registration may have changed while the dialog was open
    await requireAllowable(core, txn);
    judged = scope;
  };
}

/** Calls `complete` once, for a transaction that was allowed. */
export function completing<C, U>(
  ctx: Context,
  complete: Complete<C, U> | undefined,
): (txn: Transaction<C, U>) => Promise<void> {
  let completed = false;
  return async (txn) => {
    if (completed || !txn.res?.allow) return;
    completed = true;
    await complete?.(ctx, txn);
  };
}
