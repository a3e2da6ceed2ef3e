/** Where a request has its access token. @see RFC 6750 §2 */
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import type { Form } from '../http/form.js';
import { authorizationOf, hasSeveralAuthorizations } from '../http/headers.js';
import { hasFormType, readForm, readQuery, refuse } from '../http/params.js';
import type { OptionNames } from '../options.js';
import { BEARER, isSameType } from '../syntax/token-type.js';
import { invalidToken } from './challenge.js';

export interface PresentationOptions {
  /** Takes tokens in form bodies too, where anything that logs or replays bodies has them. @see RFC 6750 §2.2 */
  readonly allowTokenInForm?: boolean;
  /** Takes tokens in the URL too, where logs, histories and `Referer` headers have them. @see RFC 6750 §2.3 */
  readonly allowTokenInQuery?: boolean;
}

/** The names of these options. */
export const PRESENTATION_OPTIONS: OptionNames<PresentationOptions> = {
  allowTokenInForm: true,
  allowTokenInQuery: true,
};

/** A token as it was sent. Whether it is valid is not known yet. */
export interface TokenInRequest {
  readonly token: string;
  /** The scheme of the Authorization header, as the API spells it; `Bearer` for a token in a form or in the URL. */
  readonly scheme: string;
  readonly isInURL: boolean;
}

/** In characters. Node takes headers of 16 KiB at most. */
const LONGEST_TOKEN = 8192;

/** RFC 9110 §11.4: credentials are a scheme, a space and what the scheme says. */
const SCHEME = /^[\w!#$%&'*+.^`|~-]+/;
/** RFC 6750 §2.1, RFC 9449 §7.1: `1*SP b64token`, after either scheme. */
const AFTER_SCHEME = /^ +([\w.~+/-]+=*)$/;
const TOKEN = /^[\w.~+/-]+=*$/;

/** The scheme of the Authorization header, if it is one of these; as it is spelt there. @see RFC 9110 §11.1 */
function schemeAmong(
  schemes: readonly string[],
  header: string,
): readonly [scheme: string, length: number] | undefined {
  const [sent] = SCHEME.exec(header) ?? [];
  const scheme = sent === undefined ? undefined : schemes.find((one) => isSameType(one, sent));
  return sent === undefined || scheme === undefined ? undefined : [scheme, sent.length];
}

/** The scheme that a request has its token in: where it has none in the header, `Bearer`. */
export function schemeOf(ctx: Context, schemes: readonly string[]): string {
  const [scheme = BEARER] = schemeAmong(schemes, authorizationOf(ctx)) ?? [];
  return scheme;
}

function inHeader(ctx: Context, schemes: readonly string[]): Omit<TokenInRequest, 'isInURL'> | undefined {
  if (hasSeveralAuthorizations(ctx)) throw new BadRequestError('More than one Authorization header');
  const header = authorizationOf(ctx);
  const [scheme, length] = schemeAmong(schemes, header) ?? [];
  if (scheme === undefined) return undefined; // none, or of a scheme that is not for this API: it may be another middleware's
  const token = AFTER_SCHEME.exec(header.slice(length))?.[1];
  if (token === undefined) throw invalidToken();
  return { scheme, token };
}

function parameterOf({ params, refused }: Form): string | undefined {
  if (refused.has('access_token')) throw refuse('access_token');
  return params.get('access_token');
}

/** RFC 6750 §2.2: only in requests whose method gives the body a meaning. */
async function inForm(ctx: Context): Promise<string | undefined> {
  const hasForm = ['POST', 'PUT', 'PATCH'].includes(ctx.method) && hasFormType(ctx);
  return hasForm ? parameterOf(await readForm(ctx)) : undefined;
}

/**
 * The token of a request, if it has one.
 *
 * @param schemes those that the API takes
 * @throws OAuth2Error `invalid_token` for a malformed one, which clients renew; `invalid_request` for more than one. @see RFC 6750 §3.1
 */
export async function tokenInRequest(
  ctx: Context,
  schemes: readonly string[],
  { allowTokenInForm = false, allowTokenInQuery = false }: PresentationOptions,
): Promise<TokenInRequest | undefined> {
  const query = allowTokenInQuery ? parameterOf(readQuery(ctx)) : undefined;
  const form = allowTokenInForm ? await inForm(ctx) : undefined;
  const header = inHeader(ctx, schemes);
  const [token, another] = [header?.token, form, query].filter((one) => one !== undefined);
  if (token === undefined) return undefined;
  // RFC 6750 §2: MUST NOT use more than one method
  if (another !== undefined) throw new BadRequestError('More than one access token');
  if (token.length > LONGEST_TOKEN || !TOKEN.test(token)) throw invalidToken(); // RFC 6750 §3.1: it is malformed
  return { token, scheme: header?.scheme ?? BEARER, isInURL: query !== undefined };
}
