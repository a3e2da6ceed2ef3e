/** `server.decision()` and `server.resume()`: one middleware each, which can also be spread into two, because oauth2orize gives an array of two. */
import type { Middleware } from 'koa';
import type { AnyImmediate, Complete, ParseDecision, SpreadableMiddleware } from '../callbacks.js';
import type { Core } from '../core.js';
import { requireCallback, splitOptions } from '../registry/shape.js';
import { type DecisionOptions, decision, decisionLoader, type LoadOptions, resumptionLoader } from './decision.js';
import { LOAD_OPTIONS } from './known.js';
import { resume } from './resume.js';

type Answering = (options: LoadOptions) => Middleware;

/** The second middleware uses the transaction that the first one, or the application, has loaded. */
function spreadable(load: Middleware, answering: Answering, options: LoadOptions): SpreadableMiddleware {
  const answer = answering({ ...options, loadTransaction: false });
  const parts = options.loadTransaction === false ? [answer] : [load, answer];
  return Object.assign(answering(options), { [Symbol.iterator]: () => parts.values() });
}

/** `(options?, parse?, complete?)` */
export function spreadableDecision<C, U>(core: Core<C, U>, args: readonly unknown[]): SpreadableMiddleware {
  const [options, parse, complete] = splitOptions<DecisionOptions>('server.decision', LOAD_OPTIONS, args);
  const answering: Answering = (options) =>
    decision(core, options, parse as ParseDecision | undefined, complete as Complete<C, U> | undefined);
  return spreadable(decisionLoader(core, options), answering, options);
}

/** `(options?, immediate, complete?)`, or as in oauth2orize `(loadTransaction, immediate, complete)`. @throws TypeError without immediate */
export function spreadableResumption<C, U>(core: Core<C, U>, args: readonly unknown[]): SpreadableMiddleware {
  const [first, ...rest] = args;
  const isLoader = args.length > 2 && typeof first === 'function';
  const [options, immediate, complete] = splitOptions<LoadOptions>(
    'server.resume',
    LOAD_OPTIONS,
    isLoader ? [{ loadTransaction: first }, ...rest] : args,
  );
  requireCallback('server.resume', 'an immediate function', immediate);
  const answering: Answering = (options) =>
    resume(core, options, immediate as AnyImmediate<C, U>, complete as Complete<C, U> | undefined);
  return spreadable(resumptionLoader(core, options), answering, options);
}
