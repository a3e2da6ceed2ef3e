/** RFC 9112: clients that are slow, gone, endless or ambiguous, over real sockets. What is Node's to time out: docs/running-it.md. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { BadRequestError, exchange, grant, introspection, revocation } from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import { type App, authorizationServer, CLIENT, REQUEST } from '../support/authorization-server.js';
import { next, Peer } from '../support/raw-http.js';

const ENDPOINTS = ['/token', '/introspect', '/revoke', '/decision'];
const LIMIT = 64 * 1024;
const BODY = 'grant_type=client_credentials';
const HEAD = [
  'Host: localhost',
  `Authorization: Basic ${btoa('client:client-secret')}`,
  'Content-Type: application/x-www-form-urlencoded',
];

/** A request's head, with further fields. */
function head(fields: readonly string[], path = '/token'): string {
  return [`POST ${path} HTTP/1.1`, ...HEAD, ...fields, '', ''].join('\r\n');
}

const whole = (body = BODY): string => head([`Content-Length: ${Buffer.byteLength(body)}`]) + body;
const chunk = (size: number): string => `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`;

const isCutOff = (error: Error): boolean =>
  error instanceof BadRequestError && error.status === 400 && error.message === 'The request body was cut off';
/** Koa tells of every connection that breaks, whoever was using it. */
const isOfKoa = (error: Error): boolean => /^(read ECONNRESET|aborted|Parse Error)/.test(error.message);

/** A server that knows what is under way, and what the application was asked. */
class Watched {
  /** Callbacks that were called. */
  readonly calls: string[] = [];
  /** What the operator saw. */
  readonly errors: readonly Error[];
  readonly sockets: Socket[] = [];
  readonly server: Server;
  /** What a client credentials callback waits for. */
  gate: Promise<unknown> = Promise.resolve();
  begun = 0;
  underWay = 0;
  readonly #changed = new EventEmitter().setMaxListeners(0);

  constructor(options: ServerOptions) {
    const find = (id: string) => {
      this.calls.push('find');
      return id === CLIENT.client_id ? { ...CLIENT, client_secret: 'client-secret' } : undefined;
    };
    const authenticate = clientAuthentication<App>({ find, methods: [clientSecretBasic()] });
    const { app, errors } = authorizationServer({
      before: (_, next) => this.#watch(next),
      authenticate: () => authenticate,
      decision: (server) =>
        server.decision(() => {
          this.calls.push('parse');
          return {};
        }),
      plug: (server) => {
        const issue = async (_client: App, _scope: unknown, { note = '' }: { readonly note?: string }) => {
          this.calls.push(`issue ${note}`);
          await this.gate;
          return ['a token'] as const;
        };
        server.grant(grant.code(() => 'a code')).exchange(exchange.clientCredentials(issue));
      },
      routes: (router, server) => {
        const tell = () => void this.calls.push('token');
        router.post('/introspect', authenticate, server.endpoint(introspection(tell)));
        router.post('/revoke', authenticate, server.endpoint(revocation(tell)));
      },
    });
    this.errors = errors;
    this.server = createServer(options, app.callback());
    this.server.on('connection', (socket) => this.sockets.push(socket));
  }

  get #port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  connect(): Peer {
    return new Peer(this.#port);
  }

  /** Whatever had begun has come to its end. */
  async settled(): Promise<void> {
    await this.until(() => this.underWay === 0);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#changed, 'change');
  }

  async #watch(next: () => Promise<unknown>): Promise<void> {
    this.begun++;
    this.underWay++;
    this.#changed.emit('change');
    try {
      await next();
    } finally {
      this.underWay--;
      this.#changed.emit('change');
    }
  }
}

describe('slow clients (RFC 9112)', () => {
  const servers: Server[] = [];
  const watched = async (options: ServerOptions = {}): Promise<Watched> => {
    const one = new Watched(options);
    servers.push(one.server);
    await once(one.server.listen(0, '127.0.0.1'), 'listening');
    return one;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });

  it('a request that comes byte by byte is read as if it had come at once, characters of several bytes too', async () => {
    const server = await watched();
    const peer = server.connect();
    const bytes = Buffer.from(whole(`${BODY}&note=é€𝄞`));
    for (const byte of bytes) {
      peer.socket.write(Buffer.of(byte));
      await turn();
    }
    assert.deepEqual((await peer.answered()).statuses, [200]);
    assert.deepEqual(server.calls, ['find', 'issue é€𝄞']);
  });

  describe('RFC 9112 §8: an incomplete request is never processed', () => {
    const endings: Readonly<Record<string, (socket: Socket) => unknown>> = {
      'sends FIN': (socket) => socket.end(),
      'sends RST': (socket) => socket.resetAndDestroy(),
      'is gone': (socket) => socket.destroy(),
    };
    const bodies: Readonly<Record<string, string>> = {
      'a length that is not reached': 'Content-Length: 1000',
      'chunks without a last one': 'Transfer-Encoding: chunked',
    };
    for (const path of ENDPOINTS) {
      for (const [body, field] of Object.entries(bodies)) {
        for (const [how, end] of Object.entries(endings)) {
          it(`${path}: ${body}, and the client ${how}`, async () => {
            const server = await watched();
            const peer = server.connect();
            const begin = field.startsWith('T') ? `${BODY.length.toString(16)}\r\n${BODY}\r\n` : BODY;
            peer.send(head([field], path) + begin);
            await server.until(() => server.underWay === 1);
            end(peer.socket);
            await server.settled();
            await peer.closed;
            assert.deepEqual(server.calls, []);
            assert.ok(server.errors.some(isCutOff), 'the operator is told');
            assert.deepEqual(
              server.errors.filter((error) => !isCutOff(error) && !isOfKoa(error)),
              [],
            );
            assert.doesNotMatch(peer.received, /HTTP\/1\.1 [235]/);
          });
        }
      }
    }
  });

  it('a decision whose form was cut off is none: the dialog still waits', async () => {
    const server = await watched();
    const headers = { 'X-User': 'alice' };
    const drawn = await fetch(`${server.origin}/authorize?${new URLSearchParams(REQUEST)}`, { headers });
    const cookie = drawn.headers
      .getSetCookie()
      .map((each) => each.replace(/;.*/, ''))
      .join('; ');
    const { transactionID } = (await drawn.json()) as { readonly transactionID: string };
    const form = `transaction_id=${transactionID}`;
    const fields = [`Content-Length: ${form.length + 10}`, 'X-User: alice', `Cookie: ${cookie}`];
    const peer = server.connect().send(head(fields, '/decision') + form);
    await server.until(() => server.underWay === 1);
    peer.socket.destroy();
    await server.settled();
    assert.deepEqual(server.calls, []);
    const body = new URLSearchParams(form);
    const decided = await fetch(`${server.origin}/decision`, {
      method: 'POST',
      headers: { ...headers, cookie },
      body,
      redirect: 'manual',
    });
    const { searchParams } = new URL(decided.headers.get('Location') ?? 'about:blank');
    assert.equal(searchParams.get('code'), 'a code');
  });

  describe('what is too large is refused before it is there', () => {
    it('RFC 9110 §15.5.14: a body of 100 MB that is only announced is 413, and the connection ends', async () => {
      const server = await watched();
      const peer = server.connect().send(head([`Content-Length: ${100 * 1024 * 1024}`]));
      await peer.answered();
      await peer.closed;
      const [answer] = peer.answers;
      assert.equal(answer?.status, 413);
      assert.match(answer?.head ?? '', /\r\nconnection: close\r\n/i);
      assert.equal(JSON.parse(answer?.body ?? '').error, 'invalid_request');
      assert.deepEqual(server.calls, []);
    });

    it('chunks that do not end are 413 as soon as they are more than 64 KiB, and the connection ends', async () => {
      const server = await watched();
      const peer = server.connect().send(head(['Transfer-Encoding: chunked']));
      peer.send(chunk(LIMIT));
      await server.until(() => server.underWay === 1);
      for (let i = 0; i < 20; i++) await turn();
      assert.equal(server.underWay, 1); // 64 KiB are allowed
      peer.send(chunk(1));
      await peer.answered();
      await peer.closed;
      assert.deepEqual(peer.statuses, [413]);
      assert.deepEqual(server.calls, []);
    });

    it('and of what comes nevertheless next to nothing is read', async () => {
      const server = await watched();
      const peer = server.connect().send(head(['Transfer-Encoding: chunked']));
      const piece = chunk(LIMIT);
      while (!peer.socket.destroyed && peer.socket.bytesWritten < 64 * 1024 * 1024) {
        if (!peer.socket.write(piece)) await Promise.race([next(peer.socket, 'drain'), peer.closed]);
      }
      await peer.closed;
      await server.settled();
      assert.ok((server.sockets[0]?.bytesRead ?? 0) < 1024 * 1024, `${server.sockets[0]?.bytesRead} bytes were read`);
      assert.deepEqual(server.calls, []);
    });

    it('RFC 6585 §5: a head of 16 KiB or more is 431, and reaches nobody; a long one is read', async () => {
      const server = await watched();
      const long = await server
        .connect()
        .send(head([`X: ${'x'.repeat(16 * 1024)}`]))
        .answered();
      assert.deepEqual(long.statuses, [431]);
      assert.equal(server.begun, 0);
      const shorter = await server
        .connect()
        .send(head([`Content-Length: ${BODY.length}`, `X: ${'x'.repeat(15 * 1024)}`]) + BODY)
        .answered();
      assert.deepEqual(shorter.statuses, [200]);
    });
  });

  describe('RFC 9110 §10.1.1: Expect', () => {
    it('a client that waits for 100 Continue gets it, and then its answer', async () => {
      const peer = (await watched()).connect().send(head([`Content-Length: ${BODY.length}`, 'Expect: 100-continue']));
      assert.deepEqual((await peer.answered()).statuses, [100]);
      peer.send(BODY);
      assert.deepEqual((await peer.answered(2)).statuses, [100, 200]);
    });

    it('another expectation is 417', async () => {
      const server = await watched();
      const peer = server.connect().send(head([`Content-Length: ${BODY.length}`, 'Expect: tokens']) + BODY);
      assert.equal((await peer.answered()).statuses[0], 417);
      assert.deepEqual(server.calls, []);
    });
  });

  describe('RFC 9112 §9.3: many requests on one connection', () => {
    it('pipelined ones are answered in their order, each for itself, an error in the middle too', async () => {
      const server = await watched();
      const bodies = ['a', 'b', 'c'].map((note) => `${BODY}&note=${note}`);
      const requests = [...bodies, 'grant_type=magic', `${BODY}&note=d`].map(whole);
      const peer = await server.connect().send(requests.join('')).answered(5);
      assert.deepEqual(peer.statuses, [200, 200, 200, 400, 200]);
      assert.deepEqual(
        server.calls.filter((call) => call.startsWith('issue')),
        ['issue a', 'issue b', 'issue c', 'issue d'],
      );
    });

    it('200 leave nothing behind on the connection', async () => {
      const server = await watched();
      const peer = server.connect();
      const warnings: Error[] = [];
      const warned = (warning: Error) => void warnings.push(warning);
      process.on('warning', warned);
      const listeners = (): number => {
        const [socket] = server.sockets;
        return socket?.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0) ?? 0;
      };
      await peer.send(whole()).answered();
      const before = listeners();
      for (let count = 2; count <= 200; count++) await peer.send(whole()).answered(count);
      process.off('warning', warned);
      assert.equal(peer.statuses.filter((status) => status === 200).length, 200);
      assert.deepEqual([server.sockets.length, listeners(), warnings], [1, before, []]);
    });

    it('a client that never reads its answers holds up nobody, and leaves nothing when it goes', async () => {
      const server = await watched();
      const peer = server.connect();
      peer.socket.pause();
      peer.send(whole().repeat(300));
      await server.until(() => server.begun === 300);
      await server.settled();
      assert.deepEqual((await server.connect().send(whole()).answered()).statuses, [200]);
      const closed = next(server.sockets[0] ?? peer.socket, 'close');
      peer.socket.destroy();
      await closed;
      assert.deepEqual(server.errors, []);
    });
  });

  describe('RFC 9112 §6.1, §11.2: a request with an ambiguous end reaches no middleware', () => {
    const smuggled = whole(`${BODY}&note=smuggled`);
    const chunked = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
    const forms: Readonly<Record<string, string>> = {
      'two lengths': head([`Content-Length: ${BODY.length}`, 'Content-Length: 0']) + BODY,
      'one length twice': head([`Content-Length: ${BODY.length}`, `Content-Length: ${BODY.length}`]) + BODY,
      'a list of lengths': head([`Content-Length: ${BODY.length}, ${BODY.length}`]) + BODY,
      'a length and chunks': head(['Content-Length: 4', 'Transfer-Encoding: chunked']) + chunked,
      'chunks and a length': head(['Transfer-Encoding: chunked', 'Content-Length: 4']) + chunked,
      'a length with a sign': head([`Content-Length: +${BODY.length}`]) + BODY,
      'a length in hexadecimal': head([`Content-Length: 0x${BODY.length.toString(16)}`]) + BODY,
      'a length below zero': head(['Content-Length: -1']) + BODY,
      'a space before the colon': head(['Transfer-Encoding : chunked']) + chunked,
      'chunks that are not the last encoding': head(['Transfer-Encoding: chunked, identity']) + chunked,
      'an encoding by another name': head(['Transfer-Encoding: xchunked']) + chunked,
      'a chunk whose size is none': `${head(['Transfer-Encoding: chunked'])}1z\r\n${BODY}\r\n0\r\n\r\n`,
      'a chunk that is longer than its size': `${head(['Transfer-Encoding: chunked'])}4\r\n${BODY}\r\n0\r\n\r\n`,
      'a field that goes on in the next line':
        head(['X: 1\r\n Transfer-Encoding: chunked', 'Content-Length: 0']) + BODY,
      'a carriage return alone': head([`X: 1\rContent-Length: ${BODY.length}`]) + BODY,
      'a NUL in a field': head(['X: \0', `Content-Length: ${BODY.length}`]) + BODY,
    };
    for (const [form, text] of Object.entries(forms)) {
      it(`${form}`, async () => {
        const server = await watched();
        const peer = server.connect().send(text + smuggled);
        await peer.answered();
        await peer.closed;
        await server.settled();
        assert.deepEqual(peer.statuses.slice(0, 1), [400]);
        assert.deepEqual(server.calls, []);
      });
    }
  });

  it('a hundred clients in the middle of their bodies do not hold up one that is not, and are answered when they end', async () => {
    const server = await watched();
    const slow = Array.from({ length: 100 }, () =>
      server.connect().send(head([`Content-Length: ${BODY.length}`]) + BODY.slice(0, 5)),
    );
    await server.until(() => server.underWay === 100);
    assert.deepEqual((await server.connect().send(whole()).answered()).statuses, [200]);
    assert.equal(server.underWay, 100);
    for (const peer of slow) peer.send(BODY.slice(5));
    const statuses = await Promise.all(slow.map(async (peer) => (await peer.answered()).statuses));
    assert.deepEqual(
      statuses.flat(),
      Array.from({ length: 100 }, () => 200),
    );
  });

  describe('RFC 9112 §9.5: time-outs are the server’s, and what they end comes to its end here', () => {
    it('a body that stops is 408, and no callback is called', async () => {
      const server = await watched({ headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 5 });
      const peer = server.connect().send(head([`Content-Length: ${BODY.length + 1}`]) + BODY);
      await peer.closed;
      await server.settled();
      assert.deepEqual(peer.statuses, [408]);
      assert.deepEqual(server.calls, []);
    });

    it('a head that stops is 408, and reaches nobody', async () => {
      const server = await watched({ headersTimeout: 5, requestTimeout: 10, connectionsCheckingInterval: 2 });
      const peer = server.connect().send(head([]).slice(0, -2));
      await peer.closed;
      assert.deepEqual([peer.statuses, server.begun], [[408], 0]);
    });
  });

  describe('a server that is closed', () => {
    it('lets a client end its request, and answers it', async () => {
      const server = await watched();
      const peer = server.connect().send(head([`Content-Length: ${BODY.length}`]) + BODY.slice(0, 5));
      await server.until(() => server.underWay === 1);
      const closed = once(server.server.close(), 'close');
      peer.send(BODY.slice(5));
      await peer.answered();
      assert.deepEqual(peer.statuses, [200]);
      peer.socket.end();
      await closed;
    });

    it('answers what the application is about to answer', async () => {
      const server = await watched();
      const gate = new EventEmitter();
      server.gate = once(gate, 'open');
      const peer = server.connect().send(whole());
      await server.until(() => server.underWay === 1);
      const closed = once(server.server.close(), 'close');
      gate.emit('open');
      assert.deepEqual((await peer.answered()).statuses, [200]);
      peer.socket.end();
      await closed;
    });

    it('and cut off leaves nothing under way: neither bodies that come, nor callbacks that are asked', async () => {
      const server = await watched();
      const gate = new EventEmitter();
      server.gate = once(gate, 'open');
      const waiting = server.connect().send(whole());
      const sending = server.connect().send(head([`Content-Length: ${BODY.length}`]) + BODY.slice(0, 5));
      await server.until(() => server.underWay === 2);
      const closed = once(server.server.close(), 'close');
      server.server.closeAllConnections();
      await Promise.all([closed, waiting.closed, sending.closed]);
      gate.emit('open');
      await server.settled();
      assert.deepEqual([waiting.received, sending.received], ['', '']);
      assert.deepEqual(server.calls, ['find', 'issue ']); // of the one that was whole
      assert.deepEqual(server.errors.filter((error) => !isOfKoa(error)).map(isCutOff), [true]);
    });
  });
});
