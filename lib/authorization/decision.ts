import type { Context, Middleware } from 'koa';
import type { Complete, DecisionInput, ParseDecision } from '../callbacks.js';
import type { Core } from '../core.js';
import { debugAbout } from '../errors/debug.js';
import { warnOnce } from '../errors/warning.js';
import { relaxationsOf } from '../findings.js';
import { reach } from '../http/endpoint-of.js';
import { named } from '../http/named.js';
import { formBody, readForm, requirePost, wasSent } from '../http/params.js';
import { requireNoPromise } from '../promise.js';
import { transactionOf, withhold } from '../state.js';
import type { Decision, Locals, Transaction } from '../types.js';
import { mergeLocals } from './ask.js';
import { decideOnce, toDecision } from './decide.js';
import { type LoaderOptions, loadTransaction } from './load.js';
import { RELAXATIONS, userOf } from './options.js';
import { type Done, type DoneOptions, doneBy } from './prompts.js';

const debug = debugAbout('decision');

/** Options of `server.resume()` and `server.authorizationErrorHandler()`: where the waiting transaction is found. */
export interface LoadOptions extends LoaderOptions, DoneOptions {
  /** `false` if an earlier middleware loads the transaction; or a middleware that loads it in place of the toolkit's. */
  readonly loadTransaction?: false | Middleware;
}

/** Options of `server.decision()`: where the waiting transaction is found, and how the form denies. */
export interface DecisionOptions extends LoadOptions {
  /** The form field whose presence denies the request. Default `cancel`. */
  readonly cancelField?: string;
}

/** The transaction that was loaded. @throws Error if none was */
export async function loaded<C, U>(
  core: Core<C, U>,
  ctx: Context,
  options: LoadOptions,
  done?: Done,
): Promise<Transaction<C, U>> {
  const { loadTransaction: load } = options;
  if (load === undefined) await loadTransaction(core, ctx, options, done);
  else if (load) await load(ctx, async () => {});
  const txn = transactionOf<C, U>(ctx);
  if (!txn) throw new Error('OAuth 2.0 transaction not loaded: set ctx.state.oauth2, or let loadTransaction do so');
  return txn;
}

/** The first of the two middleware into which `server.resume()` can be spread. */
export function resumptionLoader<C, U>(core: Core<C, U>, options: LoadOptions): Middleware {
  return named('transactionLoader', async (ctx, next) => {
    reach(ctx, 'resume');
    await loaded(core, ctx, options, await doneBy(ctx, options));
    await next();
  });
}

/** The first of the two middleware into which `server.decision()` can be spread. Errors between the two are shown to the resource owner, too. */
export function decisionLoader<C, U>(core: Core<C, U>, options: LoadOptions): Middleware {
  return named('transactionLoader', async (ctx, next) => {
    reach(ctx, 'decision');
    requirePost(ctx);
    withhold(await loaded(core, ctx, options));
    await next();
  });
}

/** Whether a value is an object with members, or absent. A Set of words has no member `scope`, so it would grant everything. */
const isInput = (ares: unknown): ares is DecisionInput | null | undefined =>
  ares === undefined ||
  (typeof ares === 'object' && !(ares instanceof Set || ares instanceof Map || Array.isArray(ares)));

/**
 * The decision and locals that the application's `parse` reads from the form.
 *
 * @throws TypeError for a value that is not a decision: it could grant what the user has refused
 */
export async function parsed(
  ctx: Context,
  parse: ParseDecision | undefined,
): Promise<[DecisionInput, Locals | undefined]> {
  if (!parse) return [{}, undefined];
  const result: unknown = await parse(ctx, formBody(ctx));
  if (result === undefined || result === null)
    throw new TypeError('parse gave nothing: return { scope }, or {} to grant all that was asked for');
  const [ares, locals]: readonly unknown[] = Array.isArray(result) ? result : [result];
  requireNoPromise('parse', ares, locals);
  if (!isInput(ares))
    throw new TypeError(`parse gave ${typeof ares} where a decision is needed, such as { allow, scope }`);
  return [ares ?? {}, locals as Locals | undefined];
}

/** In oauth2orize, a `parse` that returns nothing grants everything. That stays, but a forgotten `return` has the same effect, so the operator is warned. */
function mayReturnNothing(parse: ParseDecision): ParseDecision {
  return async (ctx, form) => {
    const result = await parse(ctx, form);
    if (result !== undefined && result !== null) return result;
    warnOnce(
      'KOAUTHORIZE_PARSE',
      'parse of a decision returned nothing, so all that was asked for is granted, whatever the user unticked. Return { scope }, or {} if the form leaves nothing out.',
    );
    return {};
  };
}

/**
 * Answers the dialog's form: takes the waiting transaction, and sends code, token or denial to the client.
 *
 * If `parse` throws, no decision was made: the transaction still waits, and the error is shown to the resource owner.
 *
 * @see RFC 6749 §4.1.2, §10.12
 */
export function decision<C, U>(
  core: Core<C, U>,
  options: DecisionOptions,
  parse?: ParseDecision,
  complete?: Complete<C, U>,
): Middleware {
  const cancelField = options.cancelField ?? 'cancel';
  core.report(relaxationsOf('server.decision', options, RELAXATIONS));
  return named('decision', async (ctx) => {
    core.start();
    reach(ctx, 'decision');
    requirePost(ctx);
    const form = await readForm(ctx);
    const txn = await loaded(core, ctx, options);
    withhold(txn);
    const [ares, locals] = await parsed(ctx, parse && mayReturnNothing(parse));
    txn.user = userOf(ctx, options);
    txn.locals = mergeLocals(mergeLocals(txn.locals, ctx.state['locals']), locals);
    const choose = (): Decision => {
      const decision = toDecision(ares, !wasSent(form, cancelField)); // a button without a value sends `cancel=`, which is a denial too
      debug('%s: client %s', decision.allow ? 'allowed' : 'denied', txn.req.clientID);
      return decision;
    };
    await decideOnce(core, ctx, txn, choose, options, complete);
  });
}
