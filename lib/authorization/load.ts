import type { Context } from 'koa';
import { trust, trustIfAny } from '../clients/redirect-uri.js';
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { reasoned } from '../errors/reason.js';
import type { Form } from '../http/form.js';
import { readForm, readQuery } from '../http/params.js';
import { isAnsweredByHand } from '../registry/layers.js';
import { transactionOf, withhold } from '../state.js';
import { isTransactionID } from '../syntax/parameters.js';
import { DIALOG_LIFETIME } from '../transaction/answered.js';
import type { AuthorizationRequest, Awaitable, Transaction, TransactionRecord } from '../types.js';
import { foundAnswer, keptAnswer } from './answer.js';
import { setCurrentTransaction } from './current-transaction.js';
import { sessionKeyOf, type TransactionMiddlewareOptions, userOf } from './options.js';
import { unableToLoad } from './take.js';

export interface LoaderOptions extends TransactionMiddlewareOptions {
  /** The field with the transaction's ID, in the form or in the query. Default `transaction_id`. */
  readonly transactionField?: string;
}

/** The ID in the form, or in the query, as oauth2orize allows. @throws BadRequestError for two different IDs, a missing one, or several */
function idIn(query: Form, form: Form, field: string): string {
  const id = form.params.get(field) ?? query.params.get(field);
  const isOther = (query.params.get(field) ?? id) !== id;
  if (isOther || query.refused.has(field) || form.refused.has(field))
    throw new BadRequestError(`Invalid parameter: ${field} must be a string`);
  if (id === undefined) throw new BadRequestError(`Missing required parameter: ${field}`);
  if (!isTransactionID(id)) throw unableToLoad('It has characters, or a length, that no transaction ID has');
  return id;
}

interface Loading {
  /** Whether the dialog may continue for another user than the one it began for. */
  readonly mayBeAnothers: boolean;
}

/** Why the user who is logged in may not answer this record at this server now; undefined if they may. */
function refusalOf<C, U>(
  core: Core<C, U>,
  record: TransactionRecord,
  user: U | undefined,
  { mayBeAnothers }: Loading,
): string | undefined {
  const { answer, server, at, subject } = record;
  if (answer !== undefined) return 'It is not a dialog, but the answer to one';
  // the extensions of another server have judged this request, and those of this server have not
  if (server !== undefined && server !== core.name) return `It began at the server ${server}, and this is ${core.name}`;
  const age = at === undefined ? 0 : core.now() - at;
  if (age > DIALOG_LIFETIME) return `It began ${age} seconds ago`;
  if (subject === undefined) return undefined;
  if (user === undefined) return 'It was shown to a user, and nobody is logged in';
  return mayBeAnothers || core.subject(user) === subject ? undefined : 'It was shown to another user';
}

/** The request that an extension keeps. @throws ForbiddenError if no extension has it any more */
async function recall<C, U>(core: Core<C, U>, ctx: Context, reference: string): Promise<AuthorizationRequest> {
  for (const { authorization } of core.extensions) {
    const asked = authorization?.recall?.(reference, ctx);
    const request = asked && (await asked);
    if (request) return Object.assign({}, request, { reference }); // the step `take` needs it, and so does a dialog that is stored again
  }
  throw unableToLoad('What its request refers to is gone: answered elsewhere, or too old');
}

/** The error for a dialog whose client is gone. The dialog is removed. */
async function withoutClient<C, U>(
  core: Core<C, U>,
  ctx: Context,
  transactionID: string,
  record: TransactionRecord,
  options: LoaderOptions,
): Promise<AuthorizationError> {
  await core.transactions.remove(ctx, transactionID, sessionKeyOf(options));
  return reasoned(
    new AuthorizationError('Unauthorized client', 'unauthorized_client'),
    'deserializeClient gave no client, and the dialog had one: it is gone, or createServer({ clientID }) gives another identifier than clients are found by',
    { client: record.req.clientID },
  );
}

async function load<C, U>(core: Core<C, U>, ctx: Context, options: LoaderOptions, loading: Loading): Promise<void> {
  const query = readQuery(ctx);
  const form = ctx.method === 'POST' ? await readForm(ctx) : query;
  const transactionID = idIn(query, form, options.transactionField ?? 'transaction_id');
  await core.answered.untilAnswered(transactionID); // a concurrent request may be answering the dialog now
  const waiting = await core.transactions.load(ctx, transactionID, sessionKeyOf(options));
  const answer = waiting ? undefined : await keptAnswer(core, ctx, transactionID, options);
  if (answer) foundAnswer.set(ctx, answer);
  const record = waiting ?? answer?.record;
  const user = userOf<U>(ctx, options);
  if (!record) throw unableToLoad('It does not wait in this browser: unknown, answered, or too old');
  const refusal = refusalOf(core, record, user, loading);
  if (refusal !== undefined) throw unableToLoad(refusal);
  const client = await core.deserializeClient(record.client);
  if (!client) throw await withoutClient(core, ctx, transactionID, record, options);
  const isAnswered = (): boolean => answer !== undefined || core.answered.has(transactionID);
  const { reference } = record.req;
  // once a dialog is answered, the extension has deleted its request; a session that is stored in a cookie may still have the dialog
  const req = reference === undefined || isAnswered() ? record.req : await recall(core, ctx, reference);
  const { webOrigin, info, at, done } = record;
  const trusting = isAnsweredByHand(core, req.type) ? trustIfAny : trust;
  const redirectURI = trusting(core, client, req.redirectURI, record.redirectURI); // the registration may have changed
  const txn: Transaction<C, U> = { transactionID, at, client, redirectURI, webOrigin, req, info, done, user };
  setCurrentTransaction(core, ctx, txn, options);
  if (isAnswered()) withhold(txn); // another request may have answered it while an extension was asked
}

/**
 * Loads the transaction that the request names, unless one is loaded already. If the transaction was answered, later errors are not sent to the
 * client.
 */
export function loadTransaction<C, U>(
  core: Core<C, U>,
  ctx: Context,
  options: LoaderOptions,
  loading: Loading = { mayBeAnothers: false },
): Awaitable<void> {
  return transactionOf(ctx) ? undefined : load(core, ctx, options, loading);
}
