/** A small API behind `bearer`, on real Koa parts, which tests change in one place and drive over HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import Koa, { type Middleware } from 'koa';
import { type AccessToken, type BearerOptions, bearer } from 'koauthorize/resource-server';
import request, { type Response } from 'supertest';
import { assertDescription, assertNoStore } from '../support/form.js';

/** 2026-01-01, in epoch seconds. */
export const NOW = 1_767_225_600;

export const GOOD: AccessToken = { scope: ['read', 'write'], clientID: 'client', subject: 'alice' };

/** Access tokens by what is presented. */
export type Tokens = Readonly<Record<string, AccessToken>>;

export interface APISetup extends Partial<BearerOptions> {
  readonly tokens?: Tokens;
  /** Before `bearer`. */
  readonly before?: readonly Middleware[];
  /** Between `bearer` and the API. */
  readonly after?: readonly Middleware[];
}

/** `seen` has the state of every request that got in; it is told so itself. */
export function api({ tokens = { good: GOOD }, before = [], after = [], ...options }: APISetup = {}) {
  const known = new Map(Object.entries(tokens));
  const app = new Koa();
  const errors: Error[] = [];
  const seen: Record<string, unknown>[] = [];
  app.on('error', (error) => errors.push(error));
  for (const middleware of before) app.use(middleware);
  app.use(bearer({ verify: (token) => known.get(token), now: () => NOW, ...options }));
  for (const middleware of after) app.use(middleware);
  app.use((ctx) => {
    seen.push({ ...ctx.state });
    ctx.body = 'in';
  });
  const ask = (authorization?: string, path = '/') => {
    const get = request(app.callback()).get(path);
    return authorization === undefined ? get : get.set('Authorization', authorization);
  };
  return { app, errors, seen, ask };
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  /** Further parameters of the challenge. */
  readonly more?: string;
  readonly realm?: string;
}

/** RFC 6750 §3: JSON, never kept, and a challenge that says the same. */
export function assertRefused(response: Response, { status, error, more = '', realm = 'API' }: Refusal): void {
  assert.equal(response.status, status, response.text);
  assertNoStore(response);
  assert.match(response.headers['content-type'] ?? '', /^application\/json/);
  const { error_description } = response.body;
  assertDescription(error_description);
  assert.deepEqual(response.body, { error, error_description });
  const expected = `Bearer realm="${realm}"${more && `, ${more}`}, error="${error}", error_description="${error_description}"`;
  assert.equal(response.headers['www-authenticate'], expected);
}

/** RFC 6750 §3.1: without a token there is no error code, nor anything else about an error. */
export function assertBare(response: Response, challenge = 'Bearer realm="API"'): void {
  assert.equal(response.status, 401, response.text);
  assertNoStore(response);
  assert.match(response.headers['content-type'] ?? '', /^application\/json/);
  assert.equal(response.text, '{}');
  assert.equal(response.headers['www-authenticate'], challenge);
}

/** A request as it stands on the wire, and the answer as it does. */
export async function exchangeRaw(app: Koa, lines: readonly string[]): Promise<{ status: number; text: string }> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    socket.end([...lines, 'Connection: close', '', ''].join('\r\n'));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    return { status: Number(text.split(' ')[1]), text };
  } finally {
    socket.destroy();
    server.close();
  }
}
