/** The types of the application's callbacks, and of the functions that take them. No code. */
import type { Context, Middleware } from 'koa';
import type { AuthorizationRequest, Awaitable, FormBody, Locals, Scope, Transaction } from './types.js';

/**
 * The result of `validate`. Without a client the request is refused. Without a redirect URI the toolkit uses the one in the request, or the
 * only registered one. It compares the redirect URI with the client's registration in every case.
 */
export type Validated<C> = readonly [
  client: C | false | null | undefined,
  redirectURI?: string | undefined,
  webOrigin?: string | undefined,
];

/** Finds the client of an authorization request. A falsy result means that there is none. */
export type Validate<C> = (
  clientID: string,
  redirectURI: string | undefined,
  scope: Scope | undefined,
  type: string,
  areq: AuthorizationRequest,
) => Awaitable<Validated<C> | false | null | undefined>;

/** `validate` as a function of one parameter, or of none. */
export type ValidateRequest<C> = (areq: AuthorizationRequest) => Awaitable<Validated<C> | false | null | undefined>;

/** Whether the request is allowed without asking the resource owner, a value to keep with the transaction (`info`), and locals for this request. */
export type ImmediateResult = boolean | null | undefined | readonly [allow: boolean, info?: unknown, locals?: Locals];

/** Decides whether the request is allowed without asking the resource owner. */
export type Immediate<C, U> = (
  client: C,
  user: U,
  scope: Scope | undefined,
  type: string,
  areq: AuthorizationRequest,
  locals: Locals | undefined,
) => Awaitable<ImmediateResult>;

/** `immediate` as a function of one parameter. */
export type ImmediateTransaction<C, U> = (txn: Transaction<C, U>) => Awaitable<ImmediateResult>;

/** Called after the code or token is issued and before the redirect, which waits for it. It is not called for a denial. */
export type Complete<C, U> = (ctx: Context, txn: Transaction<C, U>) => Awaitable<void>;

/** The user's answer, as it was in the dialog's form. The `scope` may be a list, or the text of a form field. */
export interface DecisionInput {
  /** Takes precedence over the cancel field of the form. */
  readonly allow?: boolean | undefined;
  readonly scope?: Scope | string | undefined;
  readonly [member: string]: unknown;
}

/**
 * Reads the user's answer from the dialog's form. If the form changes nothing, it returns `{}`. The type forbids `null`, and `undefined`, which a forgotten
 * `return` gives: they grant all that was asked for, as in oauth2orize, and a process warning tells of it. Devices and CIBA refuse them.
 */
export type ParseDecision = (
  ctx: Context,
  form: FormBody,
) => Awaitable<DecisionInput | readonly [ares?: DecisionInput | null, locals?: Locals]>;

/**
 * A middleware that can also be spread into the two that it consists of, because oauth2orize returns an array of two. The first loads the
 * transaction, the second answers it. An application can put middleware of its own between them.
 */
export type SpreadableMiddleware = Middleware & Iterable<Middleware>;

type Length<F> = F extends (...args: infer P) => unknown ? P['length'] : never;

/** A type without values. The compiler's error shows its member, which explains the mistake. */
interface Mistake<M extends string> {
  readonly mistake: M;
}

/**
 * Rejects a function of one parameter whose type is inferred: it is called with the whole request or transaction, not with the first
 * positional argument.
 */
type Unless1<F, M extends string> = [Extract<Length<F>, 1>] extends [never] ? unknown : Mistake<M>;

type Validating<V> = V &
  Unless1<
    V,
    'validate of one parameter is given the request: take (clientID, redirectURI), or (areq: AuthorizationRequest)'
  >;
type Deciding<I> = I &
  Unless1<
    I,
    'immediate of one parameter is given the transaction: take (client, user), or (txn: Transaction<App, User>)'
  >;

export type AnyImmediate<C, U> = Immediate<C, U> | ImmediateTransaction<C, U>;

/** The callbacks of `server.authorization`, by name. */
export interface NamedCallbacks<C, U, I> {
  readonly validate?: Validate<C> | ValidateRequest<C>;
  readonly immediate?: Deciding<I> | ImmediateTransaction<C, U>;
  readonly complete?: Complete<C, U>;
}

/**
 * The options come first and may be left out, as in oauth2orize. A function of one parameter must declare its type:
 * `(areq: AuthorizationRequest) => ...`, `(txn: Transaction<App, User>) => ...`.
 */
export interface AuthorizationCall<C, U, O> {
  <V extends Validate<C>, I extends Immediate<C, U>>(
    validate: Validating<V>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
  <V extends Validate<C>, I extends Immediate<C, U>>(
    options: O,
    validate: Validating<V>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
  <V extends Validate<C>>(
    validate: Validating<V>,
    immediate: ImmediateTransaction<C, U>,
    complete?: Complete<C, U>,
  ): Middleware;
  <V extends Validate<C>>(
    options: O,
    validate: Validating<V>,
    immediate: ImmediateTransaction<C, U>,
    complete?: Complete<C, U>,
  ): Middleware;
  <I extends Immediate<C, U>>(
    validate: ValidateRequest<C>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
  <I extends Immediate<C, U>>(
    options: O,
    validate: ValidateRequest<C>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
  (validate: ValidateRequest<C>, immediate: ImmediateTransaction<C, U>, complete?: Complete<C, U>): Middleware;
  (
    options: O,
    validate: ValidateRequest<C>,
    immediate: ImmediateTransaction<C, U>,
    complete?: Complete<C, U>,
  ): Middleware;
  /** The callbacks by name. `validate` may be left out if `createServer({ clients })` finds the clients. */
  <I extends Immediate<C, U>>(options?: O & NamedCallbacks<C, U, I>): Middleware;
  // The first overload again: if no overload matches, TypeScript reports the error of the last one
  <V extends Validate<C>, I extends Immediate<C, U>>(
    validate: Validating<V>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
}

/** The calls of `server.resume`. The options come first and may be left out. A function of one parameter must declare its type: `(txn: Transaction<App, User>) => ...`. */
export interface ResumeCall<C, U, O> {
  <I extends Immediate<C, U>>(immediate: Deciding<I>, complete?: Complete<C, U>): SpreadableMiddleware;
  <I extends Immediate<C, U>>(options: O, immediate: Deciding<I>, complete?: Complete<C, U>): SpreadableMiddleware;
  (immediate: ImmediateTransaction<C, U>, complete?: Complete<C, U>): SpreadableMiddleware;
  (options: O, immediate: ImmediateTransaction<C, U>, complete?: Complete<C, U>): SpreadableMiddleware;
  <I extends Immediate<C, U>>(
    loadTransaction: Middleware,
    immediate: Deciding<I>,
    complete: Complete<C, U>,
  ): SpreadableMiddleware;
  (loadTransaction: Middleware, immediate: ImmediateTransaction<C, U>, complete: Complete<C, U>): SpreadableMiddleware;
}

/** Without `parse`, `complete` is the third argument, as in oauth2orize: `decision(undefined, undefined, complete)`. */
export interface DecisionCall<C, U, O> {
  (parse: ParseDecision, complete?: Complete<C, U>): SpreadableMiddleware;
  (options?: O, parse?: ParseDecision, complete?: Complete<C, U>): SpreadableMiddleware;
}
