/** How a request brings its access token. @see RFC 6750 §2 */
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import type { Form } from '../http/form.js';
import { authorizationOf, hasSeveralAuthorizations } from '../http/headers.js';
import { hasFormType, readForm, readQuery, refuse } from '../http/params.js';
import type { Awaitable } from '../types.js';
import { invalidToken } from './challenge.js';

export interface PresentationOptions {
  /** Takes tokens in form bodies too, where anything that logs or replays bodies has them. @see RFC 6750 §2.2 */
  readonly allowTokenInForm?: boolean;
  /** Takes tokens in the URL too, where logs, histories and `Referer` headers have them. @see RFC 6750 §2.3 */
  readonly allowTokenInQuery?: boolean;
}

/** A token as it was sent: nothing is known of it but that it may be one. */
export interface PresentedToken {
  readonly token: string;
  readonly isInURL: boolean;
}

/** Characters. A header of Node's has no more than 16 KiB. */
const LONGEST = 8192;

/** RFC 9110 §11.1: the scheme is a word, and its case does not matter. */
const BEARER = /^bearer(?![\w!#$%&'*+.^`|~-])/i;

/** RFC 6750 §2.1: `"Bearer" 1*SP b64token` */
const CREDENTIALS = /^bearer +([\w.~+/-]+=*)$/i;
const TOKEN = /^[\w.~+/-]+=*$/;

function inHeader(ctx: Context): string | undefined {
  if (hasSeveralAuthorizations(ctx)) throw new BadRequestError('More than one Authorization header');
  const header = authorizationOf(ctx);
  const token = CREDENTIALS.exec(header)?.[1];
  if (token === undefined && BEARER.test(header)) throw invalidToken(); // another scheme is for others to judge
  return token;
}

function parameterOf({ params, refused }: Form): string | undefined {
  if (refused.has('access_token')) throw refuse('access_token');
  return params.get('access_token');
}

/** RFC 6750 §2.2: a form, in a request whose body means something. */
async function inForm(ctx: Context): Promise<string | undefined> {
  const hasForm = ['POST', 'PUT', 'PATCH'].includes(ctx.method) && hasFormType(ctx);
  return hasForm ? parameterOf(await readForm(ctx)) : undefined;
}

/** @throws OAuth2Error for more characters than a token can have. RFC 6750 §3.1: what is malformed is `invalid_token` */
function presented(token: string, isInURL: boolean): PresentedToken {
  if (token.length > LONGEST) throw invalidToken();
  return { token, isInURL };
}

/** @throws OAuth2Error for a token that cannot be, or more than one */
async function anywhere(ctx: Context, options: PresentationOptions): Promise<PresentedToken | undefined> {
  const query = options.allowTokenInQuery ? parameterOf(readQuery(ctx)) : undefined;
  const form = options.allowTokenInForm ? await inForm(ctx) : undefined;
  const header = inHeader(ctx);
  const token = header ?? form ?? query;
  if (token === undefined) return undefined;
  // RFC 6750 §2: MUST NOT use more than one method
  if ([header, form, query].filter((one) => one !== undefined).length > 1)
    throw new BadRequestError('More than one access token');
  if (!TOKEN.test(token)) throw invalidToken();
  return presented(token, query !== undefined);
}

/**
 * The token of a request, if there is one.
 *
 * @throws OAuth2Error `invalid_token` for one that cannot be, which clients renew; `invalid_request` for more than one. @see RFC 6750 §3.1
 */
export function presentedToken(ctx: Context, options: PresentationOptions): Awaitable<PresentedToken | undefined> {
  if (options.allowTokenInQuery || options.allowTokenInForm) return anywhere(ctx, options);
  const token = inHeader(ctx);
  return token === undefined ? undefined : presented(token, false);
}
