import type { Context } from 'koa';
import { setHeader } from './headers.js';

/** Sends JSON. A string is given to Koa, because for an object Koa would first check whether it is a stream, and guess its type. @example answerJSON(ctx, { keys: [] }); */
export function answerJSON(ctx: Context, value: unknown): void {
  setHeader(ctx, 'content-type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(value);
}
