import type { Context, Middleware } from 'koa';
import { prepared, responseModeFor } from '../authorization/options.js';
import type { Core } from '../core.js';
import { describe } from '../errors/describe.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { toError, toOAuth2Error, toShownError } from '../errors/to-oauth2-error.js';
import { TokenError } from '../errors/token-error.js';
import { originsOf } from '../http/cors.js';
import { hasErrorHandler } from '../http/endpoint-of.js';
import { authorizationOf, noStore } from '../http/headers.js';
import { answerJSON } from '../http/json.js';
import { named } from '../http/named.js';
import { formBody } from '../http/params.js';
import { requireTarget } from '../http/target.js';
import { requireKnown } from '../options.js';
import type { ResponseModes } from '../plugs.js';
import { exitOf, transactionOf } from '../state.js';
import { responseTypeWords } from '../syntax/response-type.js';
import type { Transaction } from '../types.js';
import { report, type Telling, tellOnce } from './report.js';

/** Options of `server.errorHandler()` and `errorHandler()`. */
export interface ErrorHandlerOptions {
  /**
   * `direct` always answers the request itself. `indirect` sends errors to the client by redirect, and rethrows those that cannot be sent there. By
   * default an error is sent to the client if its redirect URI is trusted, and the request is answered otherwise. With any other word, which
   * only plain JavaScript can give, every error is rethrown, as in oauth2orize.
   */
  readonly mode?: 'direct' | 'indirect';
  /** Response types whose responses are sent in the fragment, for transactions that this toolkit did not begin. Default `token`. */
  readonly fragment?: readonly string[];
  /** Further response modes, by name, for transactions that this toolkit did not begin. */
  readonly modes?: ResponseModes;
}

const MODES: readonly unknown[] = ['direct', 'indirect', undefined];

type Modes<C, U> = Pick<Core<C, U>, 'grants' | 'responseModes' | 'allowOrigins' | 'statuses'> & Telling<C, U>;

/** RFC 6749 §5.2, RFC 9110 §15.5.2: 401 comes with a challenge, of the scheme that the client tried. */
function challenge(ctx: Context): void {
  if (ctx.response.get('WWW-Authenticate')) return;
  const [scheme = ''] = /^[\w!#$%&'*+.^`|~-]{1,32}(?= )/.exec(authorizationOf(ctx)) ?? [];
  const isOther = scheme !== '' && scheme.toLowerCase() !== 'basic';
  ctx.set('WWW-Authenticate', isOther ? `${scheme} realm="OAuth"` : 'Basic realm="OAuth", charset="UTF-8"');
}

/** Whether a program asks about a token, or ends it: the request has a `token` and no `grant_type`. A script in a browser also sends its `Origin`. */
function isInquiry(ctx: Context): boolean {
  const form = formBody(ctx);
  return 'token' in form && !('grant_type' in form) && ctx.req.headers.origin === undefined;
}

/**
 * RFC 6749 §5.2: 401 is a MUST only if the client tried the `Authorization` header. Otherwise the status is 400: a browser that gets 401
 * asks its user for a password, which no user has. RFC 7662 §2.3: a program that asks about a token gets 401.
 */
function statusFor(ctx: Context, { code, status }: OAuth2Error, declared: ReadonlyMap<string, number>): number {
  if (status === 400) return declared.get(code) ?? status; // 400 is the default of errors that were made without a status
  const isOptional = code === 'invalid_client' && status === 401 && !authorizationOf(ctx);
  return isOptional && !isInquiry(ctx) ? 400 : status;
}

/** RFC 9110 §10.2.3: when to try again, in whole seconds, if the cause of the error has `retryAfter`. */
function retryLater(ctx: Context, cause: unknown): void {
  const { retryAfter } = (cause ?? {}) as { readonly retryAfter?: unknown };
  if (typeof retryAfter === 'number' && retryAfter >= 0 && Number.isFinite(retryAfter)) {
    ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  }
}

/** RFC 6750 §3.1: if passport's bearer strategy failed, the error is about a token, and its challenge has the error code. */
function tokenFailure(ctx: Context, { name }: Error): OAuth2Error | undefined {
  const challenge = [ctx.response.get('WWW-Authenticate')].flat().join(', ');
  if (name !== 'AuthenticationError' || !/^bearer /i.test(challenge)) return undefined;
  const [, code = ''] = /\berror="(\w+)"/.exec(challenge) ?? []; // no code if the request had no token
  return new TokenError(undefined, code, undefined, 401);
}

function answerHere(ctx: Context, error: OAuth2Error, status: number): void {
  noStore(ctx);
  retryLater(ctx, error.cause);
  ctx.status = status;
  if (ctx.status === 401) challenge(ctx);
  else ctx.remove('WWW-Authenticate'); // passport may have set one
  for (const [name, value] of Object.entries(error.headers)) ctx.set(name, value);
  answerJSON(ctx, { ...error.members, ...describe(error) });
}

/** Sends errors to the client of a transaction that the application itself put in `ctx.state.oauth2`. */
function handmadeExit<C, U>(ctx: Context, txn: Transaction, core: Modes<C, U>, options: ErrorHandlerOptions) {
  const { fragment = ['token'], modes } = options;
  const type = txn.req?.type ?? '';
  const usual = responseTypeWords(type).some((word) => fragment.includes(word)) ? 'fragment' : 'query';
  const mode = responseModeFor(
    core,
    { type, responseMode: txn.req?.responseMode ?? usual },
    { ...(modes && { modes }) },
  );
  return (
    mode &&
    (async (error: OAuth2Error) =>
      mode.send(ctx, txn, await prepared(mode, txn, { ...describe(error), state: txn.req?.state })))
  );
}

/** The error as the sender of the request may see it. */
function toShown(ctx: Context, error: Error): OAuth2Error {
  return tokenFailure(ctx, error) ?? toShownError(error);
}

/** Reports an error to the operator, and answers the request with it. */
function answerTold<C, U>(ctx: Context, thrown: unknown, core: Modes<C, U>): void {
  const cause = toError(thrown);
  const error = toShown(ctx, cause);
  const status = statusFor(ctx, error, core.statuses);
  report(ctx, cause, error, core, status);
  answerHere(ctx, error, status);
}

/** Emits the event `refusal` for an error, and rethrows it: the application answers, and emits Koa's `error` event. */
function pass<C, U>(ctx: Context, thrown: unknown, core: Modes<C, U>): never {
  const cause = toError(thrown);
  const error = toShown(ctx, cause);
  tellOnce(ctx, cause, error, core, error.status);
  throw thrown;
}

/**
 * The only middleware that turns an error into a response. It stands before the routes: errors of a transaction are redirected to the client in
 * the same way as a success, all others become JSON with the status and headers of the RFC. The operator gets every error as Koa's
 * `error` event, except for answers that the protocol expects, such as `authorization_pending` for a poll. The message of an error that is not an
 * OAuth2Error is never sent to a client. A listener that throws does not change the response, and becomes a process warning. A request whose target
 * cannot be read is answered with 400 (RFC 9112 §3.2).
 *
 * @example app.use(server.errorHandler())
 * @see RFC 6749 §4.1.2.1, §5.2
 */
export function errorHandlerFor<C, U>(core: Modes<C, U>, options: ErrorHandlerOptions): Middleware {
  requireKnown<ErrorHandlerOptions>(options, { mode: true, fragment: true, modes: true }, 'errorHandler');
  const exitFor = (ctx: Context) => {
    const txn = transactionOf<Transaction['client'], unknown>(ctx);
    if (!txn || options.mode === 'direct') return undefined;
    const exit = exitOf(txn);
    return exit === undefined && txn.redirectURI ? handmadeExit(ctx, txn, core, options) : exit;
  };
  const isOther = !MODES.includes(options.mode); // as in oauth2orize, an unknown mode rethrows every error
  return named('errorHandler', async (ctx, next) => {
    hasErrorHandler.set(ctx, true);
    if (core.allowOrigins) originsOf.set(ctx, core.allowOrigins);
    try {
      requireTarget(ctx);
      await next();
    } catch (thrown) {
      const exit = exitFor(ctx);
      if (isOther || (!exit && options.mode === 'indirect')) return pass(ctx, thrown, core);
      if (!exit) return answerTold(ctx, thrown, core);
      const cause = toError(thrown);
      const error = toOAuth2Error(cause); // without the message of a foreign error, which only the resource owner may see
      report(ctx, cause, error, core, undefined);
      try {
        await exit(error);
      } catch (failed) {
        if (options.mode === 'indirect') return pass(ctx, failed === error ? thrown : failed, core);
        if (failed !== error) return answerTold(ctx, failed, core);
        const shown = toShown(ctx, cause);
        answerHere(ctx, shown, statusFor(ctx, shown, core.statuses));
      }
    }
  });
}
