/** Lets scripts of other origins read responses: the CORS protocol of the Fetch Standard, without credentials. */
import type { Context } from 'koa';
import type { AllowedOrigins } from '../core.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { perRequest } from './per-request.js';

/** Seconds for which a browser may cache the response to a preflight. */
const MAX_AGE = 600;

/** RFC 9110 §5.6.1, §5.6.2: a list of field names. */
const NAMES = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*$/;

/** @throws TypeError for a value that no browser sends in the `Origin` header, such as a URL with a path: it would never match */
export function requireOrigins(origins: AllowedOrigins | undefined): void {
  if (origins === undefined || origins === '*') return;
  const isList = Array.isArray(origins);
  const wrong = isList ? origins.find((one) => !URL.canParse(one) || new URL(one).origin !== one) : origins;
  if (!isList || wrong !== undefined)
    throw new TypeError(`allowOrigins is '*', or origins such as https://spa.example, not ${JSON.stringify(wrong)}`);
}

/** Whether the request is a preflight: the browser asks whether a script may send a request. @see https://fetch.spec.whatwg.org/#cors-preflight-request */
function isPreflight({ method, req: { headers } }: Context): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

/**
 * Sets the headers that let scripts of the request's origin read the response.
 *
 * `Access-Control-Allow-Credentials` is not set: the endpoints use no cookies.
 *
 * @returns whether the origin is allowed
 */
function allow(ctx: Context, origins: AllowedOrigins): boolean {
  if (origins !== '*') ctx.vary('Origin');
  const { origin = '' } = ctx.req.headers;
  if (origins !== '*' && !origins.includes(origin)) return false;
  ctx.set('Access-Control-Allow-Origin', origins === '*' ? '*' : origin);
  ctx.set('Access-Control-Expose-Headers', '*');
  return true;
}

/**
 * Lets scripts read the response, and answers preflights. A preflight is allowed any headers: they are checked in the request that
 * follows.
 *
 * @param methods the methods of the endpoint, separated by commas
 * @returns whether the request was a preflight and has been answered
 * @example if (answersPreflight(ctx, ['https://app.example'], 'POST')) ctx.body = null;
 */
export function answersPreflight(ctx: Context, origins: AllowedOrigins | undefined, methods: string): boolean {
  if (origins === undefined || !allow(ctx, origins) || !isPreflight(ctx)) return false;
  const asked = ctx.get('Access-Control-Request-Headers');
  ctx.set('Access-Control-Allow-Methods', methods);
  if (NAMES.test(asked)) ctx.set('Access-Control-Allow-Headers', asked); // `*` would not cover Authorization
  ctx.set('Access-Control-Max-Age', String(MAX_AGE));
  ctx.vary('Access-Control-Request-Headers');
  ctx.status = 204;
  return true;
}

/**
 * Lets scripts of every origin read a public document, and answers OPTIONS.
 *
 * @returns whether the request has been answered and needs no document
 * @throws BadRequestError 405 for other methods than GET and HEAD
 * @example if (!answersForDocument(ctx)) answerJSON(ctx, keys.jwks());
 */
export function answersForDocument(ctx: Context): boolean {
  if (answersPreflight(ctx, '*', 'GET, HEAD')) return true;
  if (ctx.method === 'GET' || ctx.method === 'HEAD') return false;
  ctx.set('Allow', 'GET, HEAD, OPTIONS'); // RFC 9110 §9.3.7, §15.5.6
  if (ctx.method !== 'OPTIONS') throw new BadRequestError('The request must be a GET', 405);
  ctx.status = 204;
  return true;
}

/**
 * The origins whose scripts may call the endpoints of the server. Its error handler stores them with the request, because client
 * authentication, which comes next, is not tied to a server and has no access to the server's options.
 */
export const originsOf = perRequest<AllowedOrigins>('origins');
