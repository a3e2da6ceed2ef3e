/** The callbacks of the application, and the calls that take them. No code. */
import type { Context, Middleware } from 'koa';
import type { AuthorizationRequest, Awaitable, FormBody, Locals, Scope, Transaction } from './types.js';

/**
 * What `validate` gives; no client is a refusal. Without a redirect URI the toolkit takes the request's, or the only
 * registered one, and compares it with the client's registration.
 */
export type Validated<C> = readonly [
  client: C | false | null | undefined,
  redirectURI?: string | undefined,
  webOrigin?: string | undefined,
];

/** Finds the client of an authorization request; falsy means there is none. */
export type Validate<C> = (
  clientID: string,
  redirectURI: string | undefined,
  scope: Scope | undefined,
  type: string,
  areq: AuthorizationRequest,
) => Awaitable<Validated<C> | false | null | undefined>;

/** The same, for a function of one parameter or of none. */
export type ValidateRequest<C> = (areq: AuthorizationRequest) => Awaitable<Validated<C> | false | null | undefined>;

/** Whether the resource owner need not be asked, what to keep with the transaction, and locals for this request. */
export type ImmediateResult = boolean | null | undefined | readonly [allow: boolean, info?: unknown, locals?: Locals];

/** Decides whether the resource owner need not be asked. */
export type Immediate<C, U> = (
  client: C,
  user: U,
  scope: Scope | undefined,
  type: string,
  areq: AuthorizationRequest,
  locals: Locals | undefined,
) => Awaitable<ImmediateResult>;

/** The same, for a function of one parameter. */
export type ImmediateTransaction<C, U> = (txn: Transaction<C, U>) => Awaitable<ImmediateResult>;

/** Awaited after the code or token is issued and before the redirect; not on denial. */
export type Complete<C, U> = (ctx: Context, txn: Transaction<C, U>) => Awaitable<void>;

/** What the dialog's form said; a `scope` may also be the string of a form field. */
export interface DecisionInput {
  /** Wins over the cancel field. */
  readonly allow?: boolean | undefined;
  readonly scope?: Scope | string | undefined;
  readonly [member: string]: unknown;
}

/** Says what the dialog's form said. */
export type ParseDecision = (
  ctx: Context,
  form: FormBody,
) => Awaitable<DecisionInput | readonly [ares?: DecisionInput | null, locals?: Locals] | null | undefined>;

/**
 * One middleware, which can also be spread into the two that it consists of, as oauth2orize gives an array of them: one loads the
 * transaction, the other answers it, and the application may put middleware between.
 */
export type SpreadableMiddleware = Middleware & Iterable<Middleware>;

type Length<F> = F extends (...args: infer P) => unknown ? P['length'] : never;

/** Has no values: its one member is what the compiler says. */
interface Mistake<M extends string> {
  readonly mistake: M;
}

/** A function of one parameter says its type, or does not compile: it would be given something else than it takes. */
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
 * Options first, or none, as oauth2orize has it. Functions of one parameter say its type: `(areq: AuthorizationRequest) => ...`,
 * `(txn: Transaction<App, User>) => ...`.
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
  /** The callbacks by name; without `validate` where `createServer({ clients })` finds the clients. */
  <I extends Immediate<C, U>>(options?: O & NamedCallbacks<C, U, I>): Middleware;
  // The first one again: of what does not compile, TypeScript tells what the last overload has against it
  <V extends Validate<C>, I extends Immediate<C, U>>(
    validate: Validating<V>,
    immediate?: Deciding<I>,
    complete?: Complete<C, U>,
  ): Middleware;
}

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

/** Without `parse`, `complete` stands third: what is undefined comes in place of the options, as in oauth2orize. */
export interface DecisionCall<C, U, O> {
  (parse: ParseDecision, complete?: Complete<C, U>): SpreadableMiddleware;
  (options?: O, parse?: ParseDecision, complete?: Complete<C, U>): SpreadableMiddleware;
}
