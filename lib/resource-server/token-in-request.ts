/** Finds the access token in a request. @see RFC 6750 §2 */
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import type { Relaxations } from '../findings.js';
import type { Form } from '../http/form.js';
import { authorizationOf, hasSeveralAuthorizations } from '../http/headers.js';
import { hasFormType, readForm, readQuery, refuse } from '../http/params.js';
import { requireTarget } from '../http/target.js';
import type { OptionNames } from '../options.js';
import { BEARER, isSameType, LONGEST_TOKEN } from '../syntax/token-type.js';
import { invalidToken } from './challenge.js';

/** Where a request may have its access token, besides the `Authorization` header. */
export interface PresentationOptions {
  /** Also accepts tokens in form bodies. Software that logs or replays bodies then gets the tokens. @see RFC 6750 §2.2 */
  readonly allowTokenInForm?: boolean;
  /** Also accepts tokens in the URL. Logs, histories and `Referer` headers then contain the tokens. @see RFC 6750 §2.3 */
  readonly allowTokenInQuery?: boolean;
}

/** The names of these options. */
export const PRESENTATION_OPTIONS: OptionNames<PresentationOptions> = {
  allowTokenInForm: true,
  allowTokenInQuery: true,
};

export const PRESENTATION_RELAXATIONS: Relaxations<PresentationOptions> = {
  allowTokenInForm: {
    why: 'Software that logs or replays request bodies gets the tokens',
    section: 'RFC 6750 §2.2',
    remedy: 'Leave it out once all clients send the Authorization header',
  },
  allowTokenInQuery: {
    why: 'Logs, histories of browsers and Referer headers contain the tokens',
    section: 'RFC 9700 §4.3.2',
    remedy: 'Leave it out once all clients send the Authorization header',
  },
};

/** A token as it was sent, not verified. */
export interface TokenInRequest {
  readonly token: string;
  /** The scheme of the Authorization header, in the API's spelling; `Bearer` for a token in a form or in the URL. */
  readonly scheme: string;
  readonly isInURL: boolean;
}

/** RFC 9110 §11.1: the scheme is a token. RFC 6750 §2.1, RFC 9449 §7.1: it is followed by `1*SP b64token`; anything else is malformed. */
const CREDENTIALS = /^([\w!#$%&'*+.^`|~-]+)(?: +([\w.~+/-]+=*)$)?/;
const TOKEN = /^[\w.~+/-]+=*$/;

interface Credentials {
  /** In the API's spelling. */
  readonly scheme: string;
  /** Undefined if it is malformed. */
  readonly token: string | undefined;
}

/** RFC 6750 §3.1: a malformed token is `invalid_token`, upon which clients get a new one. */
function malformedToken(): OAuth2Error {
  return reasoned(invalidToken(), 'The token was refused: it has characters, or a length, that no token has');
}

/** The credentials in the Authorization header, if its scheme is one of these. */
function credentialsIn(schemes: readonly string[], header: string): Credentials | undefined {
  const sent = CREDENTIALS.exec(header);
  const scheme = sent && schemes.find((one) => isSameType(one, sent[1] ?? ''));
  return scheme ? { scheme, token: sent[2] } : undefined;
}

/** The scheme of a request's token: `Bearer`, if the header has none of these schemes. */
export function schemeOf(ctx: Context, schemes: readonly string[]): string {
  return credentialsIn(schemes, authorizationOf(ctx))?.scheme ?? BEARER;
}

function inHeader(ctx: Context, schemes: readonly string[]): Omit<TokenInRequest, 'isInURL'> | undefined {
  if (hasSeveralAuthorizations(ctx)) throw new BadRequestError('More than one Authorization header');
  const credentials = credentialsIn(schemes, authorizationOf(ctx));
  if (!credentials) return undefined; // no header, or a scheme of another middleware
  const { scheme, token } = credentials;
  if (token === undefined) throw malformedToken();
  return { scheme, token };
}

function parameterOf({ params, refused }: Form): string | undefined {
  if (refused.has('access_token')) throw refuse('access_token');
  return params.get('access_token');
}

/** The token in the form of a request. RFC 6750 §2.2: only in requests whose method gives the body a meaning. @throws OAuth2Error */
export async function tokenInForm(ctx: Context): Promise<string | undefined> {
  const hasForm = ['POST', 'PUT', 'PATCH'].includes(ctx.method) && hasFormType(ctx);
  return hasForm ? parameterOf(await readForm(ctx)) : undefined;
}

/**
 * The token of a request, if it has one.
 *
 * @param schemes the schemes that the API accepts
 * @param form the token in the request's form, if the API accepts tokens there
 * @throws OAuth2Error 400 if the request target cannot be read; `invalid_token` for a malformed token; `invalid_request` for more than one token.
 * @see RFC 6750 §3.1
 */
export function tokenInRequest(
  ctx: Context,
  schemes: readonly string[],
  form: string | undefined,
  { allowTokenInQuery = false }: PresentationOptions,
): TokenInRequest | undefined {
  requireTarget(ctx);
  const query = allowTokenInQuery ? parameterOf(readQuery(ctx)) : undefined;
  const header = inHeader(ctx, schemes);
  const parameter = form ?? query;
  const token = header?.token ?? parameter;
  if (token === undefined) return undefined;
  const hasSeveral = header ? parameter !== undefined : form !== undefined && query !== undefined;
  if (hasSeveral) throw new BadRequestError('More than one access token'); // RFC 6750 §2: MUST NOT use more than one method
  const isMalformed = token.length > LONGEST_TOKEN || (!header && !TOKEN.test(token));
  if (isMalformed) throw malformedToken();
  return { token, scheme: header?.scheme ?? BEARER, isInURL: query !== undefined };
}
