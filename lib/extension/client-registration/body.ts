/** Reads the JSON of a registration. @see RFC 7591 §3.1 */
import type { Context } from 'koa';
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { readText, requireWhole } from '../../http/body.js';
import { isTooDeep } from '../../http/depth.js';
import { hasFields } from '../../http/left.js';

/** An object with unchecked members. */
export type Sent = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidMetadata('The request body is no JSON'); // the parser's message would repeat what was sent
  }
}

/** The body, if a body parser has read it before. The members of a Buffer or a Map are not those of the JSON. */
function parsedBefore({ request, req }: Context): unknown {
  const { body } = request as { readonly body?: unknown };
  const isParsed = typeof body !== 'object' || Array.isArray(body) || hasFields(body);
  return isParsed && (req.readableDidRead || req.readableEnded) ? body : undefined;
}

function isObject(value: unknown): value is Sent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws OAuth2Error for a body that is no JSON object; 413 for more than 64 KiB; 415 for another media type */
export async function readObject(ctx: Context): Promise<Sent> {
  if (ctx.request.type.trim().toLowerCase() !== 'application/json')
    throw new BadRequestError('Content-Type must be application/json', 415);
  requireWhole(ctx);
  const value = parsedBefore(ctx) ?? parse(await readText(ctx));
  if (!isObject(value) || isTooDeep(value))
    throw invalidMetadata('The request body must be a JSON object of few levels');
  return value;
}
