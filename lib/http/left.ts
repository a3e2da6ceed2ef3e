/** What another middleware, such as a body parser, has left of a request's body. */
import type { Context } from 'koa';
import { encoded, isEncoded, requireAll } from './body.js';

interface Left {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * Whether a value is an object whose members are the fields of a form. A Buffer, a Map or a stream is not: its members are no fields, so that
 * the form would seem to have no `cancel`, and a denial would be taken for consent.
 */
export function hasFields(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !(Symbol.iterator in body || Symbol.asyncIterator in body);
}

/**
 * The text of a form that is left in `ctx.request.rawBody` or, as text, as bytes or as URLSearchParams, in `ctx.request.body`.
 *
 * @returns nothing, or an empty text, if no text is left
 * @throws Error if it is only a part of the body; BadRequestError 415 for bytes that may be compressed
 */
export function textLeft(ctx: Context): string | undefined {
  const { body, rawBody } = ctx.request as Left;
  if (typeof rawBody === 'string' && rawBody !== '') return whole(ctx, rawBody);
  if (body instanceof URLSearchParams) return String(body);
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return undefined;
  if (isEncoded(ctx)) throw encoded(ctx); // nothing tells whether the middleware has decoded it
  return whole(ctx, body);
}

/** The text, if it is as long as the request declares. @throws Error */
function whole(ctx: Context, body: string | Uint8Array): string {
  const isText = typeof body === 'string';
  if (!isEncoded(ctx)) requireAll(ctx, Buffer.byteLength(body), isText);
  return isText ? body : Buffer.from(body).toString('utf8');
}
