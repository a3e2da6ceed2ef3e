/** Signed authorization responses. @see JARM §2.1 */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { signJWT } from './jwt.js';
import type { State } from './state.js';

export function signedResponse(
  { issuer, responseKey }: State,
  weak: Weak,
  params: Readonly<Record<string, string>>,
  clientID: string,
): Record<string, string> {
  if ('error' in params && weak('signed-response-mix-up:denial')) return { ...params };
  const claims = {
    ...params,
    iss: weak('signed-response-mix-up') ? undefined : issuer,
    aud: weak('signed-response-mix-up:audience') ? undefined : clientID,
    exp: Math.floor(Date.now() / 1000) + (weak('signed-response-mix-up:long') ? 86_400 : 300),
  };
  const signed = signJWT(responseKey, claims);
  const response = weak('signed-response-mix-up:unsigned') ? signed.replace(/[^.]*$/, 'AAAA') : signed;
  return { response, ...(weak('signed-response-mix-up:beside') && params) };
}

/** The public half of its key. */
export function keys(ctx: Context, { responseKey }: State): void {
  const { d: _, ...jwk } = responseKey;
  ctx.body = { keys: [jwk] };
}
