/** Requests and responses as they stand on the wire. */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import type { Params } from './authorization-server.js';

/** Form-encoded, with repetition; members without a value are left out. */
export function encode(params: Params): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) for (const one of [value ?? []].flat()) form.append(name, one);
  return form.toString();
}

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** RFC 6749 §4.1.2.1, §5.2: %x20-21 / %x23-5B / %x5D-7E */
export function assertDescription(description: unknown): void {
  if (description !== undefined) assert.match(String(description), /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
}

export function assertNoStore({ headers }: Response): void {
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['pragma'], 'no-cache');
}

/** RFC 6749 §5.2: an error as JSON, here and not at a client. */
export function assertErrorHere(response: Response, status: number, error: string): void {
  assert.deepEqual([response.status, response.body['error']], [status, error], response.text);
  assert.equal(response.headers['location'], undefined);
  assert.match(response.headers['content-type'] ?? '', /^application\/json/);
  assertNoStore(response);
  assertDescription(response.body['error_description']);
  const members = Object.keys(response.body).filter((name) => !/^error(_description|_uri)?$/.test(name));
  assert.deepEqual(members, []);
}

interface Sent {
  readonly request?: { readonly url: string; readonly _data?: unknown; get(name: string): string | undefined };
}

/** RFC 6749 §5.2: 401 with a challenge to who tried the `Authorization` header, else 400. RFC 7662 §2.3: 401 to who asks about a token. */
export function assertInvalidClient(response: Response & Sent): void {
  const { request } = response;
  const isInquiry =
    /\/(introspect|revoke)$/.test(request?.url ?? '') && /\btoken\b/.test(JSON.stringify(request?._data ?? ''));
  const isChallenged = Boolean(request?.get('authorization')) || isInquiry;
  assertErrorHere(response, isChallenged ? 401 : 400, 'invalid_client');
  assert.equal('www-authenticate' in response.headers, isChallenged);
}

/** A token request whose body comes in chunks, without a length. */
export async function postChunks(
  app: Koa,
  chunks: readonly (string | Buffer)[],
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const server = app.listen(0);
  const { port } = server.address() as AddressInfo;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Transfer-Encoding': 'chunked' };
  try {
    return await new Promise((resolve, reject) => {
      const options = { port, path: '/token', method: 'POST', auth: 'client:client-secret', headers };
      const request = http.request(options, async (response) => {
        const read: Buffer[] = [];
        for await (const chunk of response) read.push(chunk);
        resolve({ status: response.statusCode, body: Buffer.concat(read).toString() });
      });
      request.on('error', reject);
      for (const chunk of chunks) request.write(chunk);
      request.end();
    });
  } finally {
    server.close();
  }
}
