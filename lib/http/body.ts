import type { Context } from 'koa';
import { BadRequestError } from '../errors/bad-request-error.js';

/** Bytes; far more than any request of the protocol needs. */
const LIMIT = 64 * 1024;

function tooLarge(ctx: Context): BadRequestError {
  ctx.set('Connection', 'close'); // else Node reads the rest for the sake of the next request
  return new BadRequestError('The request body is too large', 413);
}

/** Whether there is anything to read. In HTTP/2 neither header need be there: the stream goes on after the headers, or does not. */
export function hasBody({ req, request }: Context): boolean {
  const { stream } = req as { readonly stream?: { readonly endAfterHeaders?: boolean } };
  return (
    req.headers['transfer-encoding'] !== undefined || Number(request.length) > 0 || stream?.endAfterHeaders === false
  );
}

/** The request's body as text. @throws BadRequestError over 64 KiB, or when the client went away */
export function readText(ctx: Context): Promise<string> {
  const { req } = ctx;
  if (Number(ctx.request.length) > LIMIT) return Promise.reject(tooLarge(ctx));
  if (req.readableEnded) return Promise.reject(new Error('The body was read, and not kept in ctx.request.body'));
  if (req.destroyed) return Promise.reject(new BadRequestError('The request body was cut off'));
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
    const onEnd = (): void => done(() => resolve(Buffer.concat(chunks).toString('utf8')));
    const onClose = (): void => done(() => reject(new BadRequestError('The request body was cut off')));
    req.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}
