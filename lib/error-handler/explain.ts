/** Completes the reason of a refusal for the operator with the client that the request names: where the error was thrown, it may not be known. */
import type { Context } from 'koa';
import { clientIDOf } from '../clients/registration.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { Reason, type ReasonValues } from '../errors/reason.js';
import { basicUserIDs } from '../http/basic.js';
import { authorizationOf } from '../http/headers.js';
import { formBody, readQuery } from '../http/params.js';
import { type Named, shown } from '../refusal/refusal.js';
import { transactionOf } from '../state.js';
import { authenticatedClient, claimedClientID } from '../token/authenticated-client.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The client that a request names, authenticated or not, and what the request asks for. None of these values is secret. */
function read(ctx: Context): Named {
  const txn = transactionOf(ctx);
  if (txn?.req) {
    const { clientID, type, redirectURI } = txn.req;
    return { clientID, responseType: type, redirectURI };
  }
  const { client_id: inForm, grant_type, redirect_uri } = formBody(ctx);
  const { params } = readQuery(ctx);
  const known = clientIDOf(authenticatedClient(ctx)?.client) ?? basicUserIDs(authorizationOf(ctx))[0] ?? text(inForm);
  return {
    clientID: known ?? params.get('client_id') ?? claimedClientID.of(ctx),
    grantType: text(grant_type),
    responseType: params.get('response_type'),
    redirectURI: params.get('redirect_uri') ?? text(redirect_uri),
  };
}

/**
 * What a request names; empty if the request cannot be read, because the report of a refusal must not fail. The values come from strangers: they are
 * shortened, and control characters are escaped.
 */
export function namedIn(ctx: Context): Named {
  try {
    const { clientID, grantType, responseType, redirectURI } = read(ctx);
    return {
      clientID: shown(clientID),
      grantType: shown(grantType),
      responseType: shown(responseType),
      redirectURI: shown(redirectURI),
    };
  } catch {
    return {};
  }
}

/** The same by their names on the wire, which the values of a reason have. */
function valuesOf({ clientID, grantType, responseType }: Named): ReasonValues {
  return { client: clientID, grant_type: grantType, response_type: responseType };
}

/** Gives an error of the protocol a reason, or the values that its reason lacks. Another cause, such as a driver's error, stays. */
export function explain(named: Named, error: Error): void {
  if (!(error instanceof OAuth2Error) || error.status >= 500) return;
  if (error.cause === undefined && Object.isExtensible(error)) error.cause = new Reason(error.message || error.code);
  if (error.cause instanceof Reason) error.cause.complete(valuesOf(named));
}
