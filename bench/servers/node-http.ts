/** The same without a framework, as a mark of what can be had: node:http, and a session in one signed cookie of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from './by-hand/clients.js';
import { readSession, writeSession } from './by-hand/cookie.js';
import { begin, decide } from './by-hand/dialog.js';
import { ProtocolError } from './by-hand/protocol-error.js';
import { readForm } from './by-hand/read-form.js';
import { plainTokens } from './by-hand/tokens.js';
import { alice } from './clients.js';
import { serve } from './serve.js';

const { exchange, introspect, issueCode, verify } = plainTokens;

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

function json(response: ServerResponse, status: number, members: object): void {
  const body = JSON.stringify(members);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  [
    'POST /token',
    async (request, response) =>
      json(response, 200, exchange(authenticate(request.headers.authorization), await readForm(request))),
  ],
  [
    'POST /introspect',
    async (request, response) =>
      json(response, 200, introspect(authenticate(request.headers.authorization), await readForm(request))),
  ],
  [
    'GET /me',
    (request, response) => {
      const { clientID, subject } = verify(request.headers.authorization);
      json(response, 200, subject === undefined ? { client_id: clientID } : { sub: subject });
    },
  ],
  [
    'GET /login',
    (_, response) => {
      writeSession(response, { user: alice.id });
      response.writeHead(204).end();
    },
  ],
  [
    'GET /authorize',
    (request, response) => {
      const session = readSession(request);
      const { searchParams } = new URL(request.url ?? '', 'http://localhost');
      const transaction_id = begin(session, Object.fromEntries(searchParams));
      writeSession(response, session);
      json(response, 200, { transaction_id });
    },
  ],
  [
    'POST /decision',
    async (request, response) => {
      const session = readSession(request);
      const location = decide(session, await readForm(request), issueCode);
      writeSession(response, session);
      response.writeHead(303, { Location: location }).end();
    },
  ],
]);

function fail(response: ServerResponse, error: unknown): void {
  if (!(error instanceof ProtocolError)) throw error;
  if (error.status === 401) response.setHeader('WWW-Authenticate', error.code === 'invalid_token' ? 'Bearer' : 'Basic');
  json(response, error.status, { error: error.code });
}

serve(async (request, response) => {
  const [path = ''] = (request.url ?? '').split('?', 1);
  try {
    const route = routes.get(`${request.method} ${path}`);
    if (route) await route(request, response);
    else response.writeHead(404).end();
  } catch (error) {
    fail(response, error);
  }
});
