import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import type { Awaitable } from '../types.js';

/** Far more than any request of the protocol needs. */
const MAX_BODY_BYTES = 64 * 1024;

/** Closes the connection or stream after the response. Otherwise Node would read the rest of the body, or keep the stream open for it. */
function endAfterAnswer(ctx: Context): void {
  const { stream } = ctx.req as { readonly stream?: EventEmitter & { close(): void } };
  if (stream)
    // RFC 9113 §8.1: NO_ERROR, after a complete response. `ctx.res` tells of its end only when the stream is closed
    stream.once('finish', () => stream.close());
  else ctx.set('Connection', 'close'); // RFC 9113 §8.2.2 forbids this field in HTTP/2
}

function tooLarge(ctx: Context): BadRequestError {
  endAfterAnswer(ctx);
  return new BadRequestError('The request body is too large', 413);
}

/** The length of the body in bytes, as the request declares it. */
function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Whether the request has a body. HTTP/2 requires neither header: there, a body follows if the stream does not end with the headers. */
export function hasBody({ req }: Context): boolean {
  if (lengthOf(req) > 0 || req.headers['transfer-encoding'] !== undefined) return true;
  const { stream } = req as { readonly stream?: { readonly endAfterHeaders?: boolean } };
  return stream?.endAfterHeaders === false;
}

/**
 * Whether the client aborted the request before the body was complete. In HTTP/2, Node ends the stream of a reset request like any other and
 * sets `complete` for it, so there `aborted` alone decides. RFC 9113 §8.1: a request without END_STREAM is not complete.
 */
function isCutOff({ aborted, complete, httpVersionMajor }: IncomingMessage): boolean {
  return aborted && !(httpVersionMajor === 1 && complete);
}

function cutOff(): BadRequestError {
  return new BadRequestError('The request body was cut off');
}

/** To be called before the result of a body parser is used. @throws BadRequestError if the body was cut off */
export function requireWhole({ req }: Context): void {
  if (isCutOff(req)) throw cutOff();
}

/** The error for a body of which a part is lost. What is left of the form could be taken for the whole, and a denial for consent. */
function consumed(): Error {
  return new Error(
    'Another middleware has read the body, or a part of it, and did not leave it in ctx.request.body. Add a body parser such as @koa/bodyparser directly after that middleware, or have it leave the text or an object of the fields there',
  );
}

/**
 * In UTF-8. Decoders remove the mark from a text, and write the 3 bytes of U+FFFD for one that is not UTF-8. So 1 to 3 missing bytes of a text may be the client's
 * fault and no fault of the application.
 */
const BYTE_ORDER_MARK_BYTES = 3;

/**
 * Compares what was read with the length that the request declares.
 *
 * @param isDecoded whether a decoder may have removed a byte order mark
 * @throws Error if bytes are missing: another middleware has read them; BadRequestError if they may have been a byte order mark
 */
export function requireAll({ req }: Context, bytes: number, isDecoded = false): void {
  const missing = lengthOf(req) - bytes;
  if (isDecoded && missing > 0 && missing <= BYTE_ORDER_MARK_BYTES)
    throw new BadRequestError('The request body begins with a byte order mark, or a part of it is lost');
  if (missing > 0) throw consumed();
}

/** Whether the body is encoded, as by gzip. RFC 9110 §8.4: `identity` is no encoding. */
export function isEncoded({ req }: Context): boolean {
  const coding = req.headers['content-encoding'];
  return coding !== undefined && !/^(?:identity)?$/i.test(coding);
}

/** RFC 9110 §8.4.1, RFC 8878 §7.2. Another value is not repeated in the response: it may be a secret that was sent in the wrong header. */
const CODING = /^(?:(?:x-)?(?:gzip|compress)|deflate|br|zstd)$/i;

/** RFC 9110 §15.5.16: the response says which codings are accepted. */
export function encoded(ctx: Context): BadRequestError {
  ctx.set('Accept-Encoding', 'identity');
  const coding = ctx.get('Content-Encoding');
  return new BadRequestError(
    `The request body has a Content-Encoding${CODING.test(coding) ? ` (${coding})` : ''}`,
    415,
  );
}

/** Only for speed: reads a body that has arrived whole, as small forms do together with the headers. This needs no waiting for events. */
function readAtOnce(req: IncomingMessage): string | undefined {
  const isWhole = req.readableLength > 0 && req.readableLength === lengthOf(req) && req.readableEncoding === null;
  return isWhole && req.httpVersionMajor === 1 ? String(req.read()) : undefined; // in HTTP/2 a reset may still follow
}

/** A chunk is text if another middleware has called `setEncoding`. */
function toBytes(req: IncomingMessage, chunk: Buffer | string): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, req.readableEncoding ?? 'utf8') : chunk;
}

function readInParts(ctx: Context): Promise<string> {
  const { req } = ctx;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (finish: () => void): void => {
      req.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      finish();
    };
    const onData = (data: Buffer | string): void => {
      const chunk = toBytes(req, data);
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else done(() => reject(tooLarge(ctx)));
    };
    const onClose = (): void => done(() => reject(cutOff()));
    const onEnd = (): void => {
      if (isCutOff(req)) onClose();
      else if (size < lengthOf(req)) done(() => reject(consumed()));
      else done(() => resolve(Buffer.concat(chunks).toString('utf8')));
    };
    req.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** A resolved promise: its callbacks run after the current turn of the event loop. */
const AFTER_THIS_TURN = Promise.resolve();

/**
 * The request's body as text.
 *
 * @throws BadRequestError for more than 64 KiB, for a Content-Encoding, or if the client aborted the request; Error if another middleware has
 * read a part of the body
 */
export function readText(ctx: Context): Promise<string> {
  // another middleware listens already, as to count the bytes: what flows before the toolkit listens, too, is lost
  if (ctx.req.readableFlowing) return new Promise((resolve) => resolve(delivered(ctx)));
  // after this turn Node has delivered what arrived together with the headers
  return AFTER_THIS_TURN.then(() => delivered(ctx));
}

function delivered(ctx: Context): Awaitable<string> {
  const { req } = ctx;
  if (lengthOf(req) > MAX_BODY_BYTES) throw tooLarge(ctx);
  requireWhole(ctx);
  if (req.readableDidRead) throw consumed();
  if (isEncoded(ctx)) throw encoded(ctx);
  if (req.readableEnded) {
    requireAll(ctx, 0);
    return ''; // the stream ended without data
  }
  if (req.destroyed) throw cutOff();
  return readAtOnce(req) ?? readInParts(ctx);
}
