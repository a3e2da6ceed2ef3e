/** What a profile forbids, one sentence of its document each. No code. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { ReasonValues } from '../errors/reason.js';
import type { ClientTerms } from '../plugs.js';
import type { AskedRequest } from '../steps.js';
import type { Authenticated } from '../token/authenticated-client.js';
import type { Authorization, Params, ResponseParams, TokenRequest, TokenResponse } from '../types.js';

/** The values that break a rule; undefined where nothing does. Never a secret, a code or a token. */
export type Broken = ReasonValues | undefined;

/** A server, whoever its clients and users are. */
export type AnyCore = Core<unknown, unknown>;

/** A token request whose client has authenticated. */
export interface TokenAsked {
  readonly params: Params;
  readonly client: unknown;
  readonly ctx: Context;
  readonly grantType: string;
}

/** Tokens that were made, and that nobody has yet. */
export interface TokensMade {
  readonly response: TokenResponse;
  readonly request: TokenRequest<unknown>;
  readonly authorization: Authorization | undefined;
  readonly grantType: string;
}

/** A client's assertion, whose signature is good. */
export interface SignedAssertion {
  readonly header: { readonly alg?: string | undefined };
  readonly claims: { readonly aud?: unknown };
}

/** The errors by which a rule refuses, where they are not the usual ones. */
export interface RuleErrors {
  /** Of authorization requests. Default `invalid_request`. */
  readonly authorization?: string;
  /** Of token requests. Default `invalid_request`. */
  readonly token?: string;
}

/**
 * One thing that a document forbids. It is looked for wherever it can show: in the configuration before the first request, in requests, in tokens before
 * they are stored.
 */
export interface Rule {
  /** By this name the report, the errors and the tables know it. */
  readonly name: string;
  /** What is forbidden, as a noun. */
  readonly forbids: string;
  /** The attack that it allows, or what breaks. */
  readonly why: string;
  /** What to write instead. */
  readonly remedy: string;
  /** What the client's developer is told. Absent: no request is refused by it. */
  readonly message?: string;
  readonly errors?: RuleErrors;
  /** What the server must have for any client of the profile. */
  part?(core: AnyCore): Broken;
  /** What the server must not have where the profile applies to all of its clients. */
  configuration?(core: AnyCore): Broken;
  /** A client that has authenticated, at any endpoint. */
  client?(who: Authenticated<unknown>, ctx: Context, core: AnyCore): Broken;
  /** An assertion by which a client authenticates, at any endpoint. */
  assertion?(assertion: SignedAssertion, core: AnyCore): Broken;
  /** An authorization request, wherever it comes in. */
  request?(asked: AskedRequest<unknown>, core: AnyCore): Broken;
  /** What every authorization response must have. */
  response?(core: AnyCore): ResponseParams;
  tokenRequest?(asked: TokenAsked): Broken;
  tokens?(made: TokensMade, core: AnyCore): Broken;
  /** What the token service keeps to for the clients of the profile. */
  readonly terms?: ClientTerms;
}

/** A rule, and where a document has it. */
export interface Clause {
  readonly rule: Rule;
  /** Such as `FAPI 2.0 §5.3.2.2`. */
  readonly section: string;
}
