/** Reads request parameters: only strings, one value per name, and an empty value means absent. @see RFC 6749 §3.1, §3.2 */
import type { Context } from 'koa';
import type { KnownParameters } from '../core.js';
import { BadRequestError } from '../errors/bad-request-error.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { isPromise } from '../promise.js';
import { isName, requireWellFormed } from '../syntax/parameters.js';
import type { Awaitable, FormBody, Params } from '../types.js';
import { hasBody, readText, requireWhole } from './body.js';
import { fieldsOf, requireFew } from './fields.js';
import { type Form, permitRepeated, toForm } from './form.js';
import { hasFields, textLeft } from './left.js';
import { perRequest } from './per-request.js';
import { requireTarget } from './target.js';

const FORM = 'application/x-www-form-urlencoded';

/** Whether a parameter was sent, with or without a value. */
export function wasSent({ params, refused, empty }: Form, name: string): boolean {
  return params.has(name) || refused.has(name) || empty.has(name);
}

/** Parses a query, or the text of a form. @throws BadRequestError for more than 1,000 fields */
function parse(text: string): readonly (readonly [string, string])[] {
  if (text === '') return [];
  requireFew(text);
  const fields: [string, string][] = [];
  new URLSearchParams(text).forEach((value, name) => {
    fields.push([name, value]);
  });
  return fields;
}

/** The parameters in the request's URL. @throws BadRequestError if the URL cannot be parsed, or has too many parameters */
export function readQuery(ctx: Context): Form {
  requireTarget(ctx); // otherwise ctx.querystring throws an error of Node, which is answered with 500
  return toForm(parse(ctx.querystring));
}

/** An object as form parsers make it, but without a prototype: a field named `__proto__` is a field like any other. */
function toBody(entries: readonly (readonly [string, string])[]): FormBody {
  const body: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of entries) {
    const earlier = body[name];
    if (earlier === undefined) body[name] = value;
    else if (typeof earlier === 'string') body[name] = [earlier, value];
    else earlier.push(value); // copying the array for each value would take quadratic time
  }
  return body;
}

/** Whether the Content-Type of the request is that of a form. */
export function hasFormType({ req, request }: Context): boolean {
  // RFC 9110 §8.3.1: the media type is case-insensitive, and may have parameters
  return req.headers['content-type'] === FORM || request.type.trim().toLowerCase() === FORM;
}

/** What was read from a request's body. */
interface ReadForm {
  /** What `ctx.request.body` was then. */
  readonly body: unknown;
  readonly fields: FormBody;
  readonly form: Form;
  /** The parameters of the form, once they were found to be well-formed. */
  wellFormed: Params | undefined;
}

interface WithBody {
  body?: unknown;
}

const read = perRequest<ReadForm>('form');

/** The form that was read before; undefined if there is none, or if the application has replaced the body meanwhile. */
function readBefore(ctx: Context): ReadForm | undefined {
  const earlier = read.of(ctx);
  return earlier?.body === (ctx.request as WithBody).body ? earlier : undefined;
}

/** The form of a request whose body was read before, or that has none; undefined if the body is still to be read. @throws BadRequestError */
function formAtHand(ctx: Context): Form | undefined {
  const earlier = readBefore(ctx);
  if (earlier) return earlier.form; // only for speed
  requireTarget(ctx);
  requireWhole(ctx);
  const isForm = hasFormType(ctx);
  const { body } = ctx.request as WithBody;
  const text = isForm ? textLeft(ctx) : '';
  if (text) return formOf(ctx, text);
  const fields = hasFields(body) ? fieldsOf(body) : [];
  if (fields.length > 0) return toForm(fields);
  if (!hasBody(ctx)) return toForm([]);
  // not treated as an empty form: the body of a decision may be a denial that no parser has read
  if (!isForm) throw new BadRequestError('The request body is of no type that was read', 415);
  // a parser of forms leaves {} for a body such as `&`, too: a client can cause this, so it is no error of the server
  if (hasFields(body) && ctx.req.readableDidRead)
    throw new BadRequestError('The request body has no fields, or another middleware has read it and left no fields');
  return undefined; // a parser that reads JSON only sets the body to {} and leaves the form unread
}

/** Parses the text of a form that another middleware has left. */
function formOf(ctx: Context, text: string): Form {
  const { body } = ctx.request as WithBody;
  if (!hasFields(body)) return store(ctx, text, body);
  return Object.keys(body).length > 0 ? toForm(parse(text)) : store(ctx, text);
}

/**
 * Parses the text of a form, and stores the result for later calls.
 *
 * @param left what `ctx.request.body` stays for the application. Without it, the application gets the fields there
 */
function store(ctx: Context, text: string, left?: unknown): Form {
  const entries = parse(text);
  const form = toForm(entries);
  const fields = toBody(entries);
  const body = left ?? fields;
  (ctx.request as WithBody).body = body;
  read.set(ctx, { body, fields, form, wellFormed: undefined });
  return form;
}

/**
 * The parameters in the request's body. It uses the result of a body parser that ran before, or else reads the body itself and leaves
 * the result in `ctx.request.body` for the application.
 *
 * @throws BadRequestError if the URL cannot be parsed, or the body is too large, has too many fields or was cut off; Error if another middleware
 * has read a part of the body and did not leave it
 */
export function readForm(ctx: Context): Awaitable<Form> {
  return formAtHand(ctx) ?? readText(ctx).then((text) => store(ctx, text));
}

function isFormValue(value: unknown): value is string | readonly string[] {
  return typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));
}

/** The fields in `ctx.request.body`, or in the text there once it was read. Values that no form can have, such as objects made by a body parser, are left out. */
export function formBody(ctx: Context): FormBody {
  const { body } = ctx.request as WithBody;
  const fields = readBefore(ctx)?.fields ?? (hasFields(body) ? body : {});
  return Object.fromEntries(Object.entries(fields).filter((field) => isFormValue(field[1])));
}

/** @throws BadRequestError 405 for other methods */
export function requirePost(ctx: Context): void {
  if (ctx.method === 'POST') return;
  ctx.set('Allow', 'POST');
  throw new BadRequestError('The request must be a POST', 405);
}

/** The well-formed parameters of a form. @throws OAuth2Error */
function judge(ctx: Context, form: Form, known: KnownParameters): Params {
  const { params, refused } = permitRepeated(form, known);
  for (const name of refused) throw refuse(name);
  const own = read.of(ctx);
  if (own?.form.params !== params) return requireWellFormed(params);
  own.wellFormed ??= requireWellFormed(params); // only for speed: client authentication has judged the same form
  return own.wellFormed;
}

/** The same as `readPostedParams`, but without a promise if the form was read before, as by client authentication. @throws OAuth2Error */
export function postedParams(ctx: Context, known: KnownParameters): Awaitable<Params> {
  requirePost(ctx); // RFC 6749 §3.2
  if (hasBody(ctx) && !hasFormType(ctx)) throw new BadRequestError(`Content-Type must be ${FORM}`); // RFC 6749 §4.1.3, appendix B
  const form = readForm(ctx);
  return isPromise(form) ? form.then((sent) => judge(ctx, sent, known)) : judge(ctx, form, known);
}

/**
 * The parameters of a request to an endpoint that accepts only forms sent by POST.
 *
 * @param known the parameters that the endpoint reads
 * @throws OAuth2Error for another method or content type, and for repeated or malformed parameters
 * @example const voucher = (await readPostedParams(ctx, core.parameters)).get('voucher');
 */
export async function readPostedParams(ctx: Context, known: KnownParameters): Promise<Params> {
  return postedParams(ctx, known);
}

/** The error for a parameter that was sent more than once, or is not a string. */
export function refuse(name: string): OAuth2Error {
  const what = isName(name) ? `${name} must be a string` : 'each must be a string, and come once';
  return new OAuth2Error(`Invalid parameter: ${what}`, 'invalid_request', undefined, 400);
}
