import type { Context } from 'koa';

/** Answers in JSON, written out here: Koa would first ask of an object whether it is a stream, and which type it has. */
export function answerJSON(ctx: Context, value: unknown): void {
  ctx.set('content-type', 'application/json; charset=utf-8');
  ctx.body = JSON.stringify(value);
}
