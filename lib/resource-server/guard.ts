/** Lets only requests with a valid access token through: the common part of `bearer` and of protected resources of the server itself. */
import type { Context, Middleware } from 'koa';
import type { AccessToken, ChallengeParams, Proof } from '../access-token.js';
import { isEpochSeconds } from '../clock.js';
import { debugAbout } from '../errors/debug.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { Reason, reasoned } from '../errors/reason.js';
import { endpointOf } from '../http/endpoint-of.js';
import { authorizationOf } from '../http/headers.js';
import { named } from '../http/named.js';
import { whyInvalid } from '../http/why-invalid.js';
import { tellRefusal } from '../refusal/refusal.js';
import { SPINE_RULES } from '../refusal/spine-rules.js';
import type { RefusalRule } from '../refusal-rule.js';
import type { Awaitable, Scope } from '../types.js';
import { type Admission, admit } from './admission.js';
import { type ChallengeSettings, challenge, invalidToken, schemesOf } from './challenge.js';
import { knownProofs, proofFault, unboundFault } from './proof.js';
import { API_RULES } from './refusals.js';
import { refusesScope } from './scope.js';
import {
  type PresentationOptions,
  schemeOf,
  type TokenInRequest,
  tokenInForm,
  tokenInRequest,
} from './token-in-request.js';

const debug = debugAbout('bearer');

/** RFC 6750 §3.1: a request without a token gets a challenge and no error code. Its header is not logged: it may contain a token without a scheme. */
function noToken(ctx: Context, schemes: readonly string[]) {
  const cause =
    authorizationOf(ctx) === ''
      ? new Reason('The request has no Authorization header')
      : new Reason('The Authorization header has none of the schemes of this API', { schemes });
  return { code: '', message: '', expose: true, cause };
}

/**
 * Gives the content of a token; a falsy value if the token is not valid. An error that it throws goes on to the application: the request is then neither let in
 * nor refused.
 */
export type Verify<T extends AccessToken = AccessToken> = (
  token: string,
  ctx: Context,
) => Awaitable<T | false | null | undefined>;

/** What a guard compares, and how it refuses. */
export interface GuardSettings<T extends AccessToken> {
  readonly verify: Verify<T>;
  readonly presentation: PresentationOptions;
  /** The parameters of every challenge. */
  readonly params: ChallengeParams;
  /** The scope that every token must have. */
  readonly scope: Scope;
  readonly proofs: readonly Proof[];
  /** The time in epoch seconds. */
  now(): number;
  /** Why a token is not for this API, for the operator; undefined if it is for this API. */
  audienceFault(token: AccessToken): string | undefined;
}

/** The names of an expiry in a JWT, in tables of databases, and in the tokens of @node-oauth/oauth2-server. */
const OTHER_EXPIRIES = ['exp', 'expires_at', 'accessTokenExpiresAt'] as const;

/** @throws TypeError for an object that is not an access token, such as an unread introspection response: it would have no expiry and no binding */
function requireToken(token: AccessToken): void {
  const { scope, audience = [], subject, clientID, expiresAt, confirmation } = token;
  if (!Array.isArray(scope) || !Array.isArray(audience))
    throw new TypeError('verify gives an access token, whose scope and audience are arrays, or nothing');
  if (expiresAt === undefined) {
    const other = OTHER_EXPIRIES.find((name) => name in token);
    if (other !== undefined) throw new TypeError(`verify gives \`expiresAt\`, not \`${other}\``);
  }
  if (confirmation === undefined && 'cnf' in token) throw new TypeError('verify gives `confirmation`, not `cnf`');
  // all users without an identifier would count as one user
  if (subject === '' || clientID === '') throw new TypeError('verify leaves out a subject or a clientID that is empty');
}

function notSeconds(member: string, value: unknown): string {
  return `its ${member} is in epoch seconds, not ${value}`;
}

/** Why a token is refused, for the operator only. */
function faultOf<T extends AccessToken>(
  token: AccessToken | undefined,
  { now, audienceFault }: GuardSettings<T>,
  ctx: Context,
): string | Reason | undefined {
  if (!token) return whyInvalid(ctx) ?? 'verify says that it is not valid';
  requireToken(token);
  const { expiresAt, issuedAt } = token; // `requireAuthentication` judges authenticatedAt
  // a Date, or a time in milliseconds, is later than `now` for ever: the token would never expire, and never be too old
  if (expiresAt !== undefined && !isEpochSeconds(expiresAt)) return notSeconds('expiresAt', expiresAt);
  if (issuedAt !== undefined && issuedAt !== null && !isEpochSeconds(issuedAt)) return notSeconds('issuedAt', issuedAt);
  // compared here too: a verifier may have cached its result, or use another clock
  if (expiresAt !== undefined && !(now() < expiresAt)) return `it expired at ${expiresAt}`;
  return audienceFault(token);
}

/** Gives an error that the client may see. @throws any other error, which goes on to the application */
function toRefusal(error: unknown): OAuth2Error {
  if (error instanceof OAuth2Error && error.expose) return error;
  throw error;
}

/** RFC 6750 §3.1: the error for a token that is not valid. Only the operator gets the reason. */
function refusedFor(fault: string | Reason | undefined, token: AccessToken | undefined): OAuth2Error {
  const { what, values } = fault instanceof Reason ? fault : { what: fault, values: {} };
  debug('token refused: %s', what);
  return reasoned(invalidToken(), `The token was refused: ${what}`, {
    ...values,
    ...(token && { client: token.clientID }),
  });
}

/** The token of a request; an error for a malformed one, and for several. */
function presented(
  ctx: Context,
  schemes: readonly string[],
  form: string | undefined,
  presentation: PresentationOptions,
): TokenInRequest | OAuth2Error | undefined {
  try {
    return tokenInRequest(ctx, schemes, form, presentation);
  } catch (error) {
    return toRefusal(error);
  }
}

/**
 * Lets only requests with a valid access token through, which becomes `ctx.state.token`, and answers all others itself.
 *
 * @throws TypeError for two proofs for one member of `cnf`
 * @see RFC 6750 §2, §3
 */
export function guard<T extends AccessToken>(guarding: GuardSettings<T>): Middleware<{ token: T }> {
  const { verify, presentation, params, scope, proofs, now } = guarding;
  const known = knownProofs(proofs);
  const settings: ChallengeSettings = { schemes: schemesOf(proofs), params };
  const schemes = settings.schemes.map(({ name }) => name);
  const rules = [...proofs.flatMap(({ refusals = [] }) => refusals), ...API_RULES, ...SPINE_RULES];
  return named('bearer', async (ctx, next) => {
    endpointOf.set(ctx, endpointOf.of(ctx) ?? 'api');
    let token: T | undefined;
    const refuse = (error?: OAuth2Error, params = {}, more: readonly RefusalRule[] = []): void => {
      challenge(ctx, settings, { error, params, scheme: schemeOf(ctx, schemes) });
      const named = { clientID: token?.clientID };
      tellRefusal(ctx, {
        error: error ?? noToken(ctx, schemes),
        rules: [...more, ...rules],
        named,
        status: ctx.status,
      });
    };
    const form = presentation.allowTokenInForm ? await tokenInForm(ctx).catch(toRefusal) : undefined;
    const sent = form instanceof OAuth2Error ? form : presented(ctx, schemes, form, presentation);
    if (sent instanceof OAuth2Error) return refuse(sent);
    if (sent === undefined) return refuse(); // RFC 6750 §3.1: without a token, the challenge has no error code
    token = (await verify(sent.token, ctx)) || undefined;
    const key = token?.confirmation;
    const fault =
      faultOf(token, guarding, ctx) ??
      (key === undefined ? unboundFault(sent.scheme) : await proofFault(ctx, sent, key, known).catch(toRefusal));
    if (!token || fault !== undefined) return refuse(fault instanceof OAuth2Error ? fault : refusedFor(fault, token));
    const admission: Admission = { token, scope, now, refuse };
    if (refusesScope(admission, scope)) return;
    admit(ctx, admission);
    ctx.state.token = token;
    if (sent.isInURL) ctx.set('Cache-Control', 'private'); // RFC 6750 §2.3
    await next();
  });
}
