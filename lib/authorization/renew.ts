import type { Context } from 'koa';
import type { Core } from '../core.js';
import { debugAbout } from '../errors/debug.js';
import { ForbiddenError } from '../errors/forbidden-error.js';
import { requireKnown } from '../options.js';
import type { Awaitable, TransactionRecord } from '../types.js';
import { RENEWAL_OPTIONS } from './known.js';
import { expectUsersBack } from './nobody.js';
import { sessionKeyOf, type TransactionMiddlewareOptions, userOf } from './options.js';
import { mayBeAnothers, requireDone } from './prompts.js';

const debug = debugAbout('authorization');

/** Options of `server.renewSession()`: the dialog that the login is for, and what the user did for it. */
export interface RenewalOptions extends Pick<TransactionMiddlewareOptions, 'sessionKey' | 'userProperty'> {
  /** The dialog that the login is for, as the login's form names it. */
  readonly transactionID?: string | undefined;
  /**
   * What the user has done on account of that dialog, in the words of `server.resume({ done })`. After `login`, `select_account` or `create` the dialog
   * continues for the user who is logged in now, even if it was shown to another one. Default: nothing, and a dialog of another user is dropped.
   */
  readonly done?: readonly string[];
}

type Waiting = readonly [transactionID: string, record: TransactionRecord];

/** Takes one waiting transaction out of the current session, after all requests that are answering it. */
function takeOne<C, U>(
  core: Core<C, U>,
  ctx: Context,
  id: string,
  options: RenewalOptions,
): Promise<Waiting | undefined> {
  return core.answered.inTurn(id, async () => {
    const load = async () => core.transactions.load(ctx, id, sessionKeyOf(options));
    const record = await load().catch((error) => {
      if (error instanceof ForbiddenError) return undefined; // nothing waits in this session
      throw error;
    });
    if (!record || record.answer !== undefined || core.answered.has(id)) return undefined;
    return (await core.transactions.remove(ctx, id, sessionKeyOf(options))) ? [id, record] : undefined;
  });
}

/** Takes all waiting transactions out of the current session. What it has taken is in `taken`, even if it throws. */
async function takeAll<C, U>(core: Core<C, U>, ctx: Context, taken: Waiting[], options: RenewalOptions): Promise<void> {
  const known = (await core.transactions.waiting?.(ctx, sessionKeyOf(options))) ?? [];
  for (const id of new Set([...known, ...(options.transactionID ? [options.transactionID] : [])])) {
    const one = await takeOne(core, ctx, id, options);
    if (one) taken.push(one);
  }
}

interface KoaSession {
  readonly externalKey?: string;
  toJSON?(): object;
  save?(): Awaitable<unknown>;
}

function koaSessionOf(ctx: Context): KoaSession | undefined {
  const session: KoaSession | null | undefined = ctx['session'];
  return session && 'externalKey' in session ? session : undefined;
}

/** After a renewal, koa-session keeps an object with the old key until the request ends: replaces that object. */
function useNewKey(ctx: Context): void {
  const session = koaSessionOf(ctx);
  if (session?.externalKey !== undefined && session.toJSON) ctx['session'] = session.toJSON();
}

/** The record of a dialog with what the user has done for it, bound to the user who has logged in for it. */
function withDone(record: TransactionRecord, subject: string | undefined, done: readonly string[]): TransactionRecord {
  if (done.length === 0) return record;
  const words = [...new Set([...(record.done ?? []), ...done])];
  return Object.assign({}, record, { done: words }, mayBeAnothers(done) && { subject });
}

/** Logs why a dialog was lost: the caller gets `undefined`, as without a dialog. Its ID is not logged: it is the dialog's CSRF token. */
function tellLost(id: string | undefined, taken: readonly Waiting[]): void {
  if (id === undefined) return;
  const isHere = taken.some(([each]) => each === id);
  const why = isHere ? 'it was shown to another user' : 'it does not wait in this session, which may be a new one';
  debug('the dialog of a login does not go on: %s', why);
}

/**
 * Renews the session, as a login should, and keeps its waiting dialogs. Dialogs of the user who is logged in afterwards continue under their IDs. A
 * dialog that began before anybody was logged in continues only if the login is for it, and under a new ID: an attacker who planted the old session
 * (session fixation) may know the old ID. A dialog of another user continues in the same way if `done` says that the login was for it.
 *
 * @param renew gives the session a new key and leaves the user in `ctx.state`
 * @returns the ID under which the dialog of `transactionID` continues; undefined if it does not continue
 */
export async function renewSession<C, U>(
  core: Core<C, U>,
  ctx: Context,
  renew: () => Awaitable<unknown>,
  options: RenewalOptions,
): Promise<string | undefined> {
  requireKnown<RenewalOptions>(options, RENEWAL_OPTIONS, 'server.renewSession');
  const { done = [] } = options;
  requireDone(done);
  expectUsersBack();
  const taken: Waiting[] = [];
  const put = async ([id, record]: Waiting) => core.transactions.store(ctx, id, record, sessionKeyOf(options));
  try {
    await takeAll(core, ctx, taken, options);
    await renew();
  } catch (error) {
    for (const one of taken) await put(one).catch(() => {}); // the first error is the cause
    throw error;
  }
  useNewKey(ctx);
  await core.transactions.renew?.(ctx, sessionKeyOf(options));
  const user = userOf<U>(ctx, options);
  const subject = user === undefined ? undefined : core.subject(user);
  let named: string | undefined;
  for (const [id, record] of taken) {
    const isNamed = id === options.transactionID;
    const isOwn = record.subject !== undefined && record.subject === subject;
    const mayBeTaken = record.subject === undefined || mayBeAnothers(done);
    if (!isOwn && !(isNamed && mayBeTaken)) continue;
    const newID = isOwn ? id : core.uid(Math.max(id.length, 22));
    await put([newID, isNamed ? withDone(record, subject, done) : record]);
    if (isNamed) named = newID;
  }
  if (taken.length > 0) await koaSessionOf(ctx)?.save?.(); // koa-session does not save a session whose content equals that at the beginning of the request
  if (named === undefined) tellLost(options.transactionID, taken);
  return named;
}
