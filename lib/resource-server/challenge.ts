/** How an API refuses. @see RFC 6750 §3 */
import type { Context } from 'koa';
import { describe } from '../errors/describe.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { noStore } from '../http/headers.js';
import { answerJSON } from '../http/json.js';

/** Parameters of a challenge; those without a value are left out. */
export type ChallengeParams = Readonly<Record<string, string | undefined>>;

/** RFC 9110 §5.6.4: what is quoted, and what no field value may have, so that nothing breaks out of its quotes. */
function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

function format(params: ChallengeParams): string {
  const pairs = Object.entries(params).flatMap(([name, value]) => (value ? [`${name}=${quoted(value)}`] : []));
  return `Bearer ${pairs.join(', ')}`;
}

/** RFC 6750 §3.1: the token is expired, revoked, malformed or another's; which of them, whoever presents it need not know. */
export function invalidToken(): OAuth2Error {
  return new OAuth2Error('The access token is not valid here', 'invalid_token', undefined, 401);
}

/**
 * Answers with a challenge, next to those that are there already.
 *
 * @param params what every challenge of this API says
 * @param error absent when there was no token, which is no error: RFC 6750 §3.1
 * @param more what this one says besides
 */
export function challenge(
  ctx: Context,
  params: ChallengeParams,
  error?: OAuth2Error,
  more: ChallengeParams = {},
): void {
  const told = error ? describe(error) : {};
  const { resource_metadata, ...first } = params;
  noStore(ctx);
  ctx.status = error?.status ?? 401;
  ctx.append('WWW-Authenticate', format({ ...first, ...more, ...told, resource_metadata })); // RFC 9728 §5.1
  answerJSON(ctx, told);
}
