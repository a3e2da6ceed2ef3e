/** Sends the answer of a transaction, a success or an error, to the client. No other code does. */

import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import type { Complete } from '../callbacks.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { describe } from '../errors/describe.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import type { Grant } from '../plugs.js';
import { tellRefusal } from '../refusal/refusal.js';
import { add } from '../registry/add.js';
import { layersFor } from '../registry/layers.js';
import { answerable, transactionOf } from '../state.js';
import { responseTypeKey } from '../syntax/response-type.js';
import type { Awaitable, ResponseParams, Transaction } from '../types.js';
import { keepAnswer } from './answer.js';
import { denyEmptyScope } from './empty-scope.js';
import { completing, guarding, issue } from './issue.js';
import { prepared, responseModeFor, responseModeForParams, type TransactionMiddlewareOptions } from './options.js';
import { isTaken, take } from './take.js';
import { takeElsewhere } from './take-elsewhere.js';

/** How parameters are sent. */
interface Sending<C, U> {
  /** The grant that has issued them. */
  readonly grant?: Grant<C, U>;
  /** Called once the transaction is taken, before the answer is sent. */
  readonly complete?: () => Awaitable<void>;
  /** The error that is sent, if it is one. */
  readonly error?: OAuth2Error;
}

/**
 * Sends parameters to the client, with those of the request and of every extension. Everything that may fail is done before the
 * transaction is taken: until then, the resource owner can answer the dialog again.
 */
async function send<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  params: ResponseParams,
  options: TransactionMiddlewareOptions,
  { grant, complete, error }: Sending<C, U>,
): Promise<ResponseParams> {
  let all = add<ResponseParams>(params, { state: txn.req.state }, 'The request'); // RFC 6749 §4.1.2, §4.1.2.1
  for (const { name, authorization } of core.extensions) {
    if (authorization?.respond) all = add(all, await authorization.respond(txn, { params: all, error }), name);
  }
  const mode = responseModeForParams(core, txn.req, params, options, grant);
  if (!mode) throw new AuthorizationError(`Unsupported response mode: ${txn.req.responseMode}`, 'invalid_request');
  const sent = await prepared(mode, txn, all);
  await take(core, ctx, txn, options);
  await takeElsewhere(core, ctx, txn);
  await complete?.();
  await mode.send(ctx, txn, sent);
  return all;
}

/** Sends an error to the client, in the same way as a success. @see RFC 6749 §4.1.2.1 */
export async function sendError<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  error: OAuth2Error,
  options: TransactionMiddlewareOptions,
): Promise<void> {
  const stack = layersFor(core.errorResponders, txn.req.type).map(
    (respond): Middleware =>
      (_, next) =>
        respond(error, ctx, next),
  );
  const params = describe(error);
  // §4.1.2.1 has no invalid_client. Here this code means that the resource owner failed to log in, not the client
  const told =
    error.code === 'invalid_client' ? { ...params, error: 'access_denied', error_description: undefined } : params;
  const answer = async (): Promise<void> => {
    if (stack.length > 0) await take(core, ctx, txn, options); // a response written by hand cannot be withdrawn
    await compose(stack)(ctx, async () => {
      if (!txn.redirectURI) throw error; // without a redirect URI, the error is shown to the resource owner
      await send(core, ctx, txn, told, options, { error });
    });
    await takeElsewhere(core, ctx, txn); // for an error that was answered by hand: Koa sends the response only after all middleware have returned
  };
  const { transactionID } = txn;
  await (transactionID === undefined || isTaken(ctx, txn) ? answer() : core.answered.inTurn(transactionID, answer));
}

/** RFC 6749 §4.1.2.1 */
const DENIED = Object.freeze(new AuthorizationError(undefined, 'access_denied'));

/** Sends the user's denial. It is also emitted as the event `refusal`: the client's developer may ask the operator why the client got no access. */
async function sendDenial<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
  sending: Sending<C, U>,
): Promise<ResponseParams> {
  const { clientID, type, redirectURI } = txn.req;
  const sent = await send(core, ctx, txn, describe(DENIED), options, { ...sending, error: DENIED });
  tellRefusal(ctx, { error: DENIED, rules: core.refusals, named: { clientID, responseType: type, redirectURI } });
  return sent;
}

/** Whether a grant is the registered one. Only then can its answer be sent again: the response mode of a grant written by hand is not known by then. */
function isRegistered<C, U>(core: Core<C, U>, grant: Grant<C, U>, { req }: Transaction<C, U>): boolean {
  return core.grants.get(responseTypeKey(req.type)) === grant;
}

/** Answers a decided transaction. */
export async function respond<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  options: TransactionMiddlewareOptions,
  complete?: Complete<C, U>,
): Promise<void> {
  const [guard, finish] = [guarding(core), completing(ctx, complete)];
  let isKept = false;
  const answer = async (grant: Grant<C, U>, txn: Transaction<C, U>): Promise<void> => {
    denyEmptyScope(txn, options); // only here: a response written by hand decides itself what an empty scope means
    await guard(txn);
    if (!txn.redirectURI) throw new AuthorizationError('Missing redirect URI', 'invalid_request');
    if (txn.res?.allow) await responseModeFor(core, txn.req, options, grant)?.validate?.(txn);
    const sending = { grant, complete: () => finish(txn) };
    const sent = txn.res?.allow
      ? await send(core, ctx, txn, await issue(core, grant, txn), options, sending)
      : await sendDenial(core, ctx, txn, options, sending);
    await keepAnswer(core, ctx, txn, isRegistered(core, grant, txn) ? sent : undefined, options);
    isKept = true;
  };
  await guard(txn);
  const layers = layersFor(core.responders, txn.req.type);
  const [first] = layers;
  if (typeof first === 'object') return answer(first, txn); // `send` takes the transaction for a grant, as late as possible
  await take(core, ctx, txn, options); // a response written by hand cannot be withdrawn
  answerable(ctx, answer);
  const current = (): Transaction<C, U> => transactionOf(ctx) ?? txn; // a response written by hand may have replaced it
  const stack = layers.map(
    (layer): Middleware => (typeof layer === 'function' ? layer : () => answer(layer, current())),
  );
  await compose(stack)(ctx, () => {
    throw new AuthorizationError(`Unsupported response type: ${txn.req.type}`, 'unsupported_response_type');
  });
  await takeElsewhere(core, ctx, current()); // for a response written by hand: Koa sends it only after all middleware have returned
  await finish(current());
  if (!isKept) await keepAnswer(core, ctx, current(), undefined, options);
}
