/** The `http` blocks: a request, and the answer that it has to get. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import request from 'supertest';

interface Message {
  /** `GET /notes HTTP/1.1`, or `HTTP/1.1 200 OK`. */
  readonly start: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Lines that begin with two spaces go on with the line before. */
function unfold(text: string): string[] {
  return text.replace(/\n {2}/g, '').split('\n');
}

function parse(text: string): Message {
  const [head = '', ...body] = text.trim().split(/\n\n/);
  const [start = '', ...lines] = unfold(head);
  const headers = new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { start, headers, body: body.join('\n\n') };
}

/** @throws Error for a block that is not a request and its answer */
export function exchangeOf(text: string): { readonly asked: Message; readonly answered: Message } {
  const [, first, second] = /^([A-Z]+ \S[\s\S]*?)\n\n(HTTP\/1\.1 \d{3}[\s\S]*)$/.exec(text) ?? [];
  if (first === undefined || second === undefined) throw new Error('an http block is a request and its answer');
  return { asked: parse(first), answered: parse(second) };
}

/** `...` stands for whatever comes. */
function matches(actual: string, expected: string): boolean {
  const parts = expected.split('...').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.+')}$`, 's').test(actual);
}

/** Seconds that are left of what began with an earlier request: some may have passed since. */
const LEFT_OVER: ReadonlySet<string> = new Set(['authorization_expires_in']);

function isLeftOf(whole: unknown, left: unknown): boolean {
  return typeof whole === 'number' && typeof left === 'number' && left <= whole && left > whole - 60;
}

/** So that the two can be compared: what stands for anything becomes what came, as does one time for another. */
function filledIn(expected: unknown, actual: unknown): unknown {
  if (typeof expected === 'string') return typeof actual === 'string' && matches(actual, expected) ? actual : expected;
  if (typeof expected === 'number' && expected > 1e9)
    return typeof actual === 'number' && actual > 1e9 ? actual : expected;
  if (Array.isArray(expected) && Array.isArray(actual))
    return expected.map((each, index) => filledIn(each, actual[index]));
  if (typeof expected !== 'object' || expected === null) return expected;
  return Object.fromEntries(
    Object.entries(expected).map(([name, value]) => {
      const came: unknown = Reflect.get(Object(actual), name);
      return [name, LEFT_OVER.has(name) && isLeftOf(value, came) ? came : filledIn(value, came)];
    }),
  );
}

/** Strings that an answer has by name: in its JSON, and in where it redirects to. */
function valuesIn(response: request.Response): readonly (readonly [string, string])[] {
  const { location } = response.headers;
  const parameters = location === undefined ? [] : [...new URL(location, 'http://localhost').searchParams];
  const members = Object.entries(Object(response.body)).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return [...parameters, ...members];
}

/** Sends requests of one page to one application, as one client: `{code}` is the last `code` that an answer had. */
export function conversation(koa: Koa): (block: string) => Promise<void> {
  koa.silent = true;
  const agent = request.agent(koa.callback());
  const known = new Map<string, string>();
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name) => known.get(name) ?? whole);
  return async (block) => {
    const { asked, answered } = exchangeOf(block);
    const [method = '', path = ''] = fill(asked.start).split(' ');
    const sent = agent[method.toLowerCase() as 'get' | 'post'](path).redirects(0);
    for (const [name, value] of asked.headers) sent.set(name, fill(value));
    const response = await (asked.body ? sent.send(fill(unfold(asked.body).join(''))) : sent);
    for (const [name, value] of valuesIn(response)) known.set(name, value);
    assertAnswer(response, answered);
  };
}

function assertAnswer(response: request.Response, { start, headers, body }: Message): void {
  assert.equal(`${response.status}`, start.split(' ')[1], response.text);
  for (const [name, value] of headers) {
    const actual = String(response.headers[name]);
    assert.ok(matches(actual, value), `${name} is ${actual}, and not ${value}`);
  }
  if (body === '') return;
  const expected: unknown = JSON.parse(body);
  assert.deepEqual(response.body, filledIn(expected, response.body));
}
