/** Completes the reasons of refusals for the operator: with the client that the request names, wherever the error was thrown. */
import type { Context } from 'koa';
import { clientIDOf } from '../clients/registration.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { Reason, type ReasonValues } from '../errors/reason.js';
import { basicUserIDs } from '../http/basic.js';
import { authorizationOf } from '../http/headers.js';
import { formBody, readQuery } from '../http/params.js';
import { transactionOf } from '../state.js';
import { authenticatedClient } from '../token/authenticated-client.js';

/** Whom a request names, proved or not, and what it asks for: nothing of it is secret. */
function namedIn(ctx: Context): ReasonValues {
  const txn = transactionOf(ctx);
  if (txn?.req) return { client: txn.req.clientID, response_type: txn.req.type };
  const { client_id: inForm, grant_type } = formBody(ctx);
  const { params } = readQuery(ctx);
  const known = clientIDOf(authenticatedClient(ctx)?.client) ?? basicUserIDs(authorizationOf(ctx))[0] ?? inForm;
  return { client: known ?? params.get('client_id'), grant_type, response_type: params.get('response_type') };
}

/** What a request names, or nothing where it cannot be read: telling why it is refused must not fail. */
function safely(ctx: Context): ReasonValues {
  try {
    return namedIn(ctx);
  } catch {
    return {};
  }
}

/** Gives an error of the protocol a reason, or the values that its reason lacks. Another cause, such as a driver's error, stays. */
export function explain(ctx: Context, error: Error): void {
  if (!(error instanceof OAuth2Error) || error.status >= 500) return;
  if (error.cause === undefined && Object.isExtensible(error)) error.cause = new Reason(error.message || error.code);
  if (error.cause instanceof Reason) error.cause.complete(safely(ctx));
}
