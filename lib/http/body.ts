import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';
import type { Awaitable } from '../types.js';

/** Far more than any request of the protocol needs. */
const MAX_BODY_BYTES = 64 * 1024;

/** Closes the connection or stream after the response. Otherwise Node would read the rest of the body, or keep the stream open for it. */
function endAfterAnswer(ctx: Context): void {
  const { stream } = ctx.req as { readonly stream?: { close(): void } };
  if (stream)
    ctx.res.once('finish', () => stream.close()); // RFC 9113 §8.1: NO_ERROR, after a complete response
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

/** Only for speed: reads a body that has arrived whole, as small forms do together with the headers. This needs no waiting for events. */
function readAtOnce(req: IncomingMessage): string | undefined {
  const isWhole = req.readableLength > 0 && req.readableLength === lengthOf(req);
  return isWhole && req.httpVersionMajor === 1 ? String(req.read()) : undefined; // in HTTP/2 a reset may still follow
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
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else done(() => reject(tooLarge(ctx)));
    };
    const onClose = (): void => done(() => reject(cutOff()));
    const onEnd = (): void => (isCutOff(req) ? onClose() : done(() => resolve(Buffer.concat(chunks).toString('utf8'))));
    req.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** A resolved promise: its callbacks run after the current turn of the event loop. */
const AFTER_THIS_TURN = Promise.resolve();

/** The request's body as text. @throws BadRequestError for more than 64 KiB, or if the client aborted the request */
export function readText(ctx: Context): Promise<string> {
  // after this turn Node has delivered what arrived together with the headers
  return AFTER_THIS_TURN.then(() => delivered(ctx));
}

function delivered(ctx: Context): Awaitable<string> {
  const { req } = ctx;
  if (lengthOf(req) > MAX_BODY_BYTES) throw tooLarge(ctx);
  requireWhole(ctx);
  if (req.readableEnded && !req.readableDidRead) return ''; // the stream ended without data
  if (req.readableEnded)
    throw new Error('Another middleware has read the body and did not leave it in ctx.request.body');
  if (req.destroyed) throw cutOff();
  return readAtOnce(req) ?? readInParts(ctx);
}
