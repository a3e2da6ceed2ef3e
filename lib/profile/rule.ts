/** The rules of profiles: each forbids what one sentence of a document forbids. No code. */
import type { Context } from 'koa';
import type { Core } from '../core.js';
import type { ReasonValues } from '../errors/reason.js';
import type { ClientTerms } from '../plugs.js';
import type { AskedRequest } from '../steps.js';
import type { Authenticated } from '../token/authenticated-client.js';
import type { Authorization, Params, ResponseParams, TokenRequest, TokenResponse } from '../types.js';

/** The values that break a rule; undefined if the rule is not broken. Never a secret, a code or a token. */
export type Broken = ReasonValues | undefined;

/** The core of a server with any types of clients and users. */
export type AnyCore = Core<unknown, unknown>;

/** A token request whose client has authenticated. */
export interface TokenAsked {
  readonly params: Params;
  readonly client: unknown;
  readonly ctx: Context;
  readonly grantType: string;
}

/** Tokens that were made, and neither stored nor sent yet. */
export interface TokensMade {
  readonly response: TokenResponse;
  readonly request: TokenRequest<unknown>;
  readonly authorization: Authorization | undefined;
  readonly grantType: string;
}

/** A client's assertion, whose signature is valid. */
export interface SignedAssertion {
  readonly header: { readonly alg?: string | undefined };
  readonly claims: { readonly aud?: unknown };
}

/** The error codes of a rule, if they are not the default ones. */
export interface RuleErrors {
  /** For authorization requests. Default `invalid_request`. */
  readonly authorization?: string;
  /** For token requests. Default `invalid_request`. */
  readonly token?: string;
}

/**
 * One thing that a document forbids. A rule may judge the configuration before the first request, requests, and tokens before they are stored.
 */
export interface Rule {
  /** Its name in reports, errors and tables. */
  readonly name: string;
  /** What is forbidden, as a noun. */
  readonly forbids: string;
  /** The attack that it allows, or what breaks. */
  readonly why: string;
  /** What to write instead. */
  readonly remedy: string;
  /** The message for the client's developer. Absent if the rule refuses no requests. */
  readonly message?: string;
  readonly errors?: RuleErrors;
  /** Judges the configuration: what the server must have as soon as the profile applies to any client. */
  part?(core: AnyCore): Broken;
  /** Judges the configuration, if the profile applies to all clients: what the server must not have. */
  configuration?(core: AnyCore): Broken;
  /** Judges a client that has authenticated, at any endpoint. */
  client?(who: Authenticated<unknown>, ctx: Context, core: AnyCore): Broken;
  /** Judges an assertion by which a client authenticates, at any endpoint. */
  assertion?(assertion: SignedAssertion, core: AnyCore): Broken;
  /** Judges an authorization request, at any endpoint that receives one. */
  request?(asked: AskedRequest<unknown>, core: AnyCore): Broken;
  /** The parameters that every authorization response must have. */
  response?(core: AnyCore): ResponseParams;
  /** Judges a token request. */
  tokenRequest?(asked: TokenAsked): Broken;
  /** Judges tokens before they are stored. */
  tokens?(made: TokensMade, core: AnyCore): Broken;
  /** The terms that the token service applies to clients of the profile. */
  readonly terms?: ClientTerms;
}

/** A rule, and the section of the document that has it. */
export interface Clause {
  readonly rule: Rule;
  /** Such as `FAPI 2.0 §5.3.2.2`. */
  readonly section: string;
}
