import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';

/** Bytes; far more than any request of the protocol needs. */
const LIMIT = 64 * 1024;

/** Lets nothing more come once the answer is sent: else Node reads the rest, or keeps the stream open for it. */
function endAfterAnswer(ctx: Context): void {
  const { stream } = ctx.req as { readonly stream?: { close(): void } };
  if (stream)
    ctx.res.once('finish', () => stream.close()); // RFC 9113 §8.1: NO_ERROR, after a complete response
  else ctx.set('Connection', 'close'); // which HTTP/2 does not have: RFC 9113 §8.2.2
}

function tooLarge(ctx: Context): BadRequestError {
  endAfterAnswer(ctx);
  return new BadRequestError('The request body is too large', 413);
}

/** What the request says of its length, in bytes. */
function lengthOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Whether there is anything to read. In HTTP/2 neither header need be there: the stream goes on after the headers, or does not. */
export function hasBody({ req }: Context): boolean {
  if (lengthOf(req) > 0 || req.headers['transfer-encoding'] !== undefined) return true;
  const { stream } = req as { readonly stream?: { readonly endAfterHeaders?: boolean } };
  return stream?.endAfterHeaders === false;
}

/**
 * Whether the client gave up before the body was whole. In HTTP/2 the stream of a body that was reset ends like any other, and
 * `complete` is true for both. RFC 9113 §8.1: a request without END_STREAM is not complete, whatever came of it.
 */
function isCutOff({ aborted, complete, httpVersionMajor }: IncomingMessage): boolean {
  return aborted && !(httpVersionMajor === 1 && complete);
}

function cutOff(): BadRequestError {
  return new BadRequestError('The request body was cut off');
}

/** For whoever is about to use what a body parser made of a body. @throws BadRequestError when that was not all of it */
export function requireWhole({ req }: Context): void {
  if (isCutOff(req)) throw cutOff();
}

/** What came in one piece with the headers, as small forms do: it is there without waiting for events. */
function readAtOnce(req: IncomingMessage): string | undefined {
  const isWhole = req.readableLength > 0 && req.readableLength === lengthOf(req);
  return isWhole && req.httpVersionMajor === 1 ? String(req.read()) : undefined; // HTTP/2: the reset may be still to come
}

function readInParts(ctx: Context): Promise<string> {
  const { req } = ctx;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (settle: () => void): void => {
      req.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= LIMIT) chunks.push(chunk);
      else done(() => reject(tooLarge(ctx)));
    };
    const onClose = (): void => done(() => reject(cutOff()));
    const onEnd = (): void => (isCutOff(req) ? onClose() : done(() => resolve(Buffer.concat(chunks).toString('utf8'))));
    req.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** The request's body as text. @throws BadRequestError over 64 KiB, or when the client went away */
export async function readText(ctx: Context): Promise<string> {
  const { req } = ctx;
  if (lengthOf(req) > LIMIT) throw tooLarge(ctx);
  await undefined; // by then Node has handed over all that came with the headers
  requireWhole(ctx);
  if (req.readableEnded && !req.readableDidRead) return ''; // somebody has read it, and found that there was none
  if (req.readableEnded) throw new Error('The body was read, and not kept in ctx.request.body');
  if (req.destroyed) throw cutOff();
  return readAtOnce(req) ?? readInParts(ctx);
}
