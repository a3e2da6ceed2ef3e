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
   * `direct` always answers here, `indirect` only by way of the client and throws what cannot go there to the application. By
   * default errors go to the client once its redirect URI is trusted, and are answered here otherwise. With any other word, which
   * only plain JavaScript can give, every error is thrown on, as in oauth2orize.
   */
  readonly mode?: 'direct' | 'indirect';
  /** Response types that call for a fragment, for transactions that this toolkit did not begin. Default `token`. */
  readonly fragment?: readonly string[];
  /** Further response modes, by name, for the same. */
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

/** Whether the request asks about a token, or ends one: it has a `token` and no `grant_type`. Not a script in a browser, which sends its origin. */
function isInquiry(ctx: Context): boolean {
  const form = formBody(ctx);
  return 'token' in form && !('grant_type' in form) && ctx.req.headers.origin === undefined;
}

/**
 * RFC 6749 §5.2: 401 is a MUST only where the client tried the `Authorization` header. Elsewhere it is 400, for a browser that gets 401
 * asks its user for a password, which no user has. RFC 7662 §2.3: a program that asks about a token gets 401.
 */
function statusFor(ctx: Context, { code, status }: OAuth2Error, declared: ReadonlyMap<string, number>): number {
  if (status === 400) return declared.get(code) ?? status; // what errors have that were made without a status
  const isOptional = code === 'invalid_client' && status === 401 && !authorizationOf(ctx);
  return isOptional && !isInquiry(ctx) ? 400 : status;
}

/** RFC 9110 §10.2.3: when to try again, in whole seconds, where whoever threw knows it. */
function retryLater(ctx: Context, cause: unknown): void {
  const { retryAfter } = (cause ?? {}) as { readonly retryAfter?: unknown };
  if (typeof retryAfter === 'number' && retryAfter >= 0 && Number.isFinite(retryAfter)) {
    ctx.set('Retry-After', String(Math.ceil(retryAfter)));
  }
}

/** RFC 6750 §3.1: where passport's bearer strategy failed it is about a token, and its challenge says what was wrong. */
function tokenFailure(ctx: Context, { name }: Error): OAuth2Error | undefined {
  const challenge = [ctx.response.get('WWW-Authenticate')].flat().join(', ');
  if (name !== 'AuthenticationError' || !/^bearer /i.test(challenge)) return undefined;
  const [, code = ''] = /\berror="(\w+)"/.exec(challenge) ?? []; // none where there was no token
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

/** The way to the client of a transaction that the application itself put in `ctx.state.oauth2`. */
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

/** What the sender of a request may see of an error. */
function toShown(ctx: Context, error: Error): OAuth2Error {
  return tokenFailure(ctx, error) ?? toShownError(error);
}

/** Tells the operator of an error, and answers with it. */
function answerTold<C, U>(ctx: Context, thrown: unknown, core: Modes<C, U>): void {
  const cause = toError(thrown);
  const error = toShown(ctx, cause);
  const status = statusFor(ctx, error, core.statuses);
  report(ctx, cause, error, core, status);
  answerHere(ctx, error, status);
}

/** Tells the operator of an error that the application answers. The application tells Koa's `error` event, too. */
function pass<C, U>(ctx: Context, thrown: unknown, core: Modes<C, U>): never {
  const cause = toError(thrown);
  const error = toShown(ctx, cause);
  tellOnce(ctx, cause, error, core, error.status);
  throw thrown;
}

/**
 * The one place where an error becomes HTTP. It stands before the routes: errors on the way to a client are redirected by the
 * same exit as a success, all others become JSON with the RFC's status and headers. The operator gets every error as Koa's
 * `error` event; errors that are not the protocol's are never described to a client. A listener that throws does not change the
 * answer, and becomes a process warning. A request whose target cannot be read is 400 (RFC 9112 §3.2).
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
  const isOther = !MODES.includes(options.mode); // oauth2orize: a mode that it does not know passes every error on
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
      const error = toOAuth2Error(cause); // what the resource owner may see, the client need not
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
