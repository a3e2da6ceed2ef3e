import type { Middleware } from 'koa';
import type { AnyImmediate, Complete } from '../callbacks.js';
import type { Core } from '../core.js';
import { relaxationsOf } from '../findings.js';
import { draw } from '../http/draw.js';
import { reach } from '../http/endpoint-of.js';
import { named } from '../http/named.js';
import { answerOf, tell } from './answer.js';
import { ask, mergeLocals } from './ask.js';
import { allowAtOnce } from './decide.js';
import { type LoadOptions, loaded } from './decision.js';
import { expectUsersBack } from './nobody.js';
import { RELAXATIONS, userOf } from './options.js';
import { doneBy, promptsOf } from './prompts.js';
import { wait } from './wait.js';

/**
 * Continues a waiting transaction when the user comes back from login, or from a second page: calls `immediate` again. If it allows the request, the
 * transaction is answered; otherwise it still waits under the same ID, and the next middleware draws the next page.
 */
export function resume<C, U>(
  core: Core<C, U>,
  options: LoadOptions,
  immediate: AnyImmediate<C, U>,
  complete?: Complete<C, U>,
): Middleware {
  expectUsersBack();
  core.report(relaxationsOf('server.resume', options, RELAXATIONS));
  return named('resume', async (ctx, next) => {
    core.start();
    reach(ctx, 'resume');
    const done = await doneBy(ctx, options);
    const txn = await loaded<C, U>(core, ctx, options, done);
    txn.user = userOf(ctx, options);
    if (done.words.length > 0) txn.done = [...new Set([...(txn.done ?? []), ...done.words])];
    txn.locals = mergeLocals(txn.locals, ctx.state['locals']);
    txn.prompts = await promptsOf(core, txn);
    const answer = await ask(txn, immediate);
    if (answer.allow) return allowAtOnce(core, ctx, txn, answer, options, complete);
    const earlier = txn.transactionID && (await answerOf(core, ctx, txn.transactionID, options));
    if (earlier) return tell(core, txn, earlier); // a dialog that was answered is not shown again
    await wait(core, ctx, txn, answer, options, { save: 'update', transactionID: txn.transactionID });
    await draw(ctx, next);
  });
}
