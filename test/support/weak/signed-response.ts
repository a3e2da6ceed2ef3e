/** Signed authorization responses. @see JARM §2.1 */
import { createPrivateKey, sign } from 'node:crypto';
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import type { State } from './state.js';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

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
  const content = `${encode({ alg: 'ES256', kid: responseKey.kid })}.${encode(claims)}`;
  const key = {
    key: createPrivateKey({ key: responseKey as never, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  } as const;
  const signature = weak('signed-response-mix-up:unsigned')
    ? 'AAAA'
    : sign('sha256', Buffer.from(content), key).toString('base64url');
  return { response: `${content}.${signature}`, ...(weak('signed-response-mix-up:beside') && params) };
}

/** The public half of its key. */
export function keys(ctx: Context, { responseKey }: State): void {
  const { d: _, ...jwk } = responseKey;
  ctx.body = { keys: [jwk] };
}
