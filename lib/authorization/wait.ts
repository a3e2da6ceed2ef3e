import type { Context } from 'koa';
import type { Core } from '../core.js';
import { warnOnce } from '../errors/warning.js';
import { protectDialog } from '../http/headers.js';
import { isPromise } from '../promise.js';
import type { AuthorizationRequest, Transaction, TransactionRecord } from '../types.js';
import type { Answer } from './ask.js';
import { mergeLocals } from './ask.js';
import { sessionKeyOf, type TransactionMiddlewareOptions } from './options.js';
import { toShow } from './prompts.js';

/** The subject of the user who is logged in, to which the dialog is bound: no other user can answer it. */
function subjectOf<C, U>(core: Core<C, U>, user: U | undefined): string | undefined {
  const subject = user === undefined ? undefined : core.subject(user);
  if (user !== undefined && subject === undefined) {
    warnOnce(
      'KOAUTHORIZE_SUBJECT',
      'Users have neither id nor sub, so dialogs are not bound to them. Identify users by createServer({ subject }).',
    );
  }
  return subject;
}

/**
 * The members of a request that are stored. If an extension keeps the request, only its reference and what a repeated answer needs: `state` alone may have 4
 * kB.
 */
function toKept(req: AuthorizationRequest): AuthorizationRequest {
  const { reference, type, clientID, redirectURI, responseMode } = req;
  return reference === undefined ? req : { reference, type, clientID, redirectURI, responseMode };
}

/** The record of a waiting transaction, as it is stored. */
export async function toRecord<C, U>(core: Core<C, U>, txn: Transaction<C, U>): Promise<TransactionRecord> {
  return {
    protocol: 'oauth2',
    server: core.name,
    client: await core.serializeClient(txn.client),
    redirectURI: txn.redirectURI,
    webOrigin: txn.webOrigin,
    req: toKept(txn.req),
    info: txn.info,
    done: txn.done,
    subject: subjectOf(core, txn.user),
    at: txn.at ?? core.now(), // a dialog that is stored again keeps the time at which it began
  };
}

/** How to keep a transaction: for the first time, or again. A transaction that the application keeps itself has no ID. */
interface Keeping {
  readonly save: 'store' | 'update';
  readonly transactionID: string | undefined;
}

/** Stores a transaction until the resource owner answers, and prepares the response for the dialog. */
export async function wait<C, U>(
  core: Core<C, U>,
  ctx: Context,
  txn: Transaction<C, U>,
  answer: Answer,
  options: TransactionMiddlewareOptions,
  { save, transactionID }: Keeping,
): Promise<void> {
  txn.prompts = toShow(txn.prompts ?? []);
  for (const { authorization } of core.extensions) {
    const judged = authorization?.interact?.(txn);
    if (isPromise(judged)) await judged;
  }
  txn.info = answer.info;
  txn.locals = mergeLocals(txn.locals, answer.locals);
  if (transactionID !== undefined) {
    await core.transactions[save](ctx, transactionID, await toRecord(core, txn), sessionKeyOf(options));
    txn.transactionID = transactionID; // set only now: a transaction with an ID is removed from its store before its errors are sent
  }
  protectDialog(ctx);
}
