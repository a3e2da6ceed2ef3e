/** What may have read a request's body before the toolkit sees it. */
import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';

type Value = string | Value[] | { [name: string]: Value };

function put(into: Record<string, Value>, name: string, value: string): void {
  const [, outer = name, inner] = /^([^[]+)\[(.*)\]$/.exec(name) ?? [];
  const earlier = Object.hasOwn(into, outer) ? into[outer] : undefined;
  if (inner) into[outer] = Object.assign(typeof earlier === 'object' ? earlier : {}, { [inner]: value });
  else if (Array.isArray(earlier)) earlier.push(value);
  else if (earlier === undefined) into[outer] = inner === '' ? [value] : value;
  else into[outer] = [earlier, value];
}

/** As qs and its like do it: repeated names become arrays, brackets become objects, and the text is gone. */
export const nestingParser: Middleware = async (ctx, next) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  const body: Record<string, Value> = Object.create(null);
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString())) put(body, name, value);
  Object.assign(ctx.request, { body });
  await next();
};

/** Reads JSON only, and leaves an empty object and an unread form behind. */
export const jsonParser: Middleware = bodyParser({ enableTypes: ['json'] });

export interface BodyParser {
  readonly name: string;
  readonly before?: Middleware;
}

export const BODY_PARSERS: readonly BodyParser[] = [
  { name: 'without a body parser' },
  { name: 'after @koa/bodyparser', before: bodyParser() },
  { name: 'after a parser of arrays and objects', before: nestingParser },
  { name: 'after a parser of JSON only', before: jsonParser },
];
