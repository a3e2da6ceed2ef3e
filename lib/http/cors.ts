/** Lets scripts of other origins read answers: the CORS protocol of the Fetch Standard, without credentials. */
import type { Context } from 'koa';
import type { AllowedOrigins } from '../core.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { perRequest } from './per-request.js';

/** Seconds for which a browser may keep the answer to a preflight. */
const MAX_AGE = 600;

/** RFC 9110 §5.6.1, §5.6.2: a list of field names. */
const NAMES = /^[\w!#$%&'*+.^`|~-]+(?:[ \t]*,[ \t]*[\w!#$%&'*+.^`|~-]+)*$/;

/** @throws TypeError for what is no origin as browsers send it, which would never be allowed */
export function requireOrigins(origins: AllowedOrigins | undefined): void {
  if (origins === undefined || origins === '*') return;
  const isList = Array.isArray(origins);
  const wrong = isList ? origins.find((one) => !URL.canParse(one) || new URL(one).origin !== one) : origins;
  if (!isList || wrong !== undefined)
    throw new TypeError(`allowOrigins is '*', or origins such as https://spa.example, not ${JSON.stringify(wrong)}`);
}

/** Whether a browser asks if a script may send a request. @see https://fetch.spec.whatwg.org/#cors-preflight-request */
function isPreflight({ method, req: { headers } }: Context): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}

/** Says whether scripts of the request's origin may read the answer, and does so. Nothing is said of credentials: no cookie counts here. */
function allow(ctx: Context, origins: AllowedOrigins): boolean {
  if (origins !== '*') ctx.vary('Origin');
  const { origin = '' } = ctx.req.headers;
  if (origins !== '*' && !origins.includes(origin)) return false;
  ctx.set('Access-Control-Allow-Origin', origins === '*' ? '*' : origin);
  ctx.set('Access-Control-Expose-Headers', '*');
  return true;
}

/**
 * Lets scripts read what is answered, and answers the preflight itself, whatever headers it asks for: what they mean is judged with the
 * request that has them.
 *
 * @param methods what the endpoint takes, separated by commas
 * @returns whether the request was a preflight and is answered
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
 * Opens a public document to the scripts of every origin, and answers OPTIONS.
 *
 * @returns whether it has answered, and there is no document to send
 * @throws BadRequestError 405 for other methods than GET and HEAD
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
 * Whose scripts may call the endpoints of this request's server: left by its error handler, for the client authentication that stands
 * between the two and belongs to no server.
 */
export const originsOf = perRequest<AllowedOrigins>('origins');
