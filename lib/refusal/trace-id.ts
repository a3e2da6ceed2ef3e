import type { Context } from 'koa';
import { perRequest } from '../http/per-request.js';
import { random } from '../secrets/random.js';

declare module '../types.js' {
  interface TokenRequest<C> {
    /** Gives the trace ID of the HTTP request, which is also in its refusal. */
    readonly traceID?: (() => string) | undefined;
  }
}

const IDS = perRequest<string>('trace-id');

/** 64 bits: enough that no two requests in a log have the same ID. An ID is not a secret. */
const BYTES = 8;

/**
 * The trace ID of a request. It is made at the first call, and stays the same until the request ends. A refusal has it in the `refusal` event, in the
 * output of `DEBUG=koauthorize:error`, in the audit events of the token service and in the response header `X-Trace-Id`. It does not depend on the
 * request: a sender who could choose the ID could give a request the ID of another one.
 *
 * @returns 16 hexadecimal digits
 * @example ctx.body = views.error({ reference: traceIDOf(ctx) })
 */
export function traceIDOf(ctx: Context): string {
  const known = IDS.of(ctx);
  if (known !== undefined) return known;
  const made = Buffer.from(random(BYTES), 'base64url').toString('hex');
  IDS.set(ctx, made);
  return made;
}
