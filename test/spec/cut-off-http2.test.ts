/** RFC 9113 §8.1: a form whose stream is reset is not complete, whatever came of it. Over frames of HTTP/2, without TLS. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import { exchange, grant, introspection, revocation } from 'koauthorize';
import { bearer } from 'koauthorize/resource-server';
import request from 'supertest';
import { type App, authorizationServer, CLIENT, REQUEST } from '../support/authorization-server.js';
import { BODY_PARSERS } from '../support/body-parsers.js';
import { CANCEL, dataFrame, headersFrame, NO_ERROR, Peer2, resetFrame } from '../support/raw-http2.js';

const FORM = 'application/x-www-form-urlencoded';

/** Reads what is there, as a parser does that somebody has written in a minute, and does not look how it ended. */
const careless: Middleware = async (ctx, next) => {
  const chunks: Buffer[] = [];
  ctx.req.on('data', (chunk) => chunks.push(chunk));
  if (!ctx.req.readableEnded) await once(ctx.req, 'end');
  Object.assign(ctx.request, { body: Object.fromEntries(new URLSearchParams(String(Buffer.concat(chunks)))) });
  await next();
};

class Server {
  /** Callbacks that were called. */
  readonly calls: string[] = [];
  readonly #changed = new EventEmitter();
  readonly app: Koa;
  readonly errors: Error[];
  cookie = '';
  transactionID = '';

  /** @param gate what a request waits for before anybody reads its body */
  constructor(parser: Middleware | undefined, gate: (() => Promise<unknown>) | undefined) {
    const called = (name: string) => void this.calls.push(name);
    const before: Middleware = async (ctx, next) => {
      if (ctx.req.httpVersionMajor === 2) {
        this.#changed.emit('begun');
        await gate?.();
      }
      try {
        if (parser) await parser(ctx, next);
        else await next();
      } finally {
        if (ctx.req.httpVersionMajor === 2) this.#changed.emit('over');
      }
    };
    const { app, errors } = authorizationServer({
      errorHandler: (server) => (ctx, next) => server.errorHandler()(ctx, () => before(ctx, next)),
      authenticate: () => async (ctx, next) => {
        ctx.state['user'] = CLIENT;
        ctx.state['authInfo'] = {};
        await next();
      },
      authorization: (server) =>
        server.authorization((id, uri) => {
          if (this.transactionID) called('validate');
          return [id === CLIENT.client_id && CLIENT, uri];
        }),
      decision: (server) =>
        server.decision(() => {
          called('parse');
          return {};
        }),
      plug: (server) => {
        const token = () => {
          called('issue');
          return 'a token';
        };
        server.grant(grant.code(token)).exchange(exchange.clientCredentials<App>(token));
      },
      routes: (router, server) => {
        const introspect = () => {
          called('introspect');
          return false as const;
        };
        router.post('/introspect', asClient, server.endpoint(introspection(introspect)));
        router.post('/revoke', asClient, server.endpoint(revocation(() => called('revoke'))));
        const verify = () => {
          called('verify');
          return false as const;
        };
        router.post('/api', bearer({ verify, allowTokenInForm: true }) as Middleware, () => called('api'));
      },
    });
    this.app = app;
    this.errors = errors;
  }

  /** A dialog that waits, asked for in HTTP/1.1. */
  async open(): Promise<void> {
    const answer = await request(this.app.callback()).get('/authorize').query(REQUEST).set('X-User', 'alice');
    this.cookie = [answer.headers['set-cookie'] ?? []]
      .flat()
      .map((one) => one.split(';')[0])
      .join('; ');
    this.transactionID = answer.body.transactionID;
    assert.ok(this.transactionID, answer.text);
  }

  seen(what: 'begun' | 'over'): Promise<unknown> {
    return once(this.#changed, what);
  }
}

const asClient: Middleware = async (ctx, next) => {
  ctx.state['user'] = CLIENT;
  ctx.state['authInfo'] = {};
  await next();
};

const forms = (transaction_id: string): Readonly<Record<string, object>> => ({
  '/decision': { transaction_id },
  '/token': { grant_type: 'client_credentials' },
  '/introspect': { token: 'a-token' },
  '/revoke': { token: 'a-token' },
  '/authorize': REQUEST,
  '/api': { access_token: 'a-token' },
});
const ENDPOINTS = Object.keys(forms(''));

const headers = (path: string, cookie: string) =>
  [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':authority', 'as.example'],
    [':path', path],
    ['content-type', FORM],
    ['x-user', 'alice'],
    ['cookie', cookie],
  ] as const;

const parsers = [...BODY_PARSERS, { name: 'after a careless parser', before: careless }];

for (const { name, before } of parsers) {
  describe(`RFC 9113 §8.1: a form that is cut off by RST_STREAM, ${name}`, () => {
    for (const path of ENDPOINTS) {
      /** @param send what is sent on a stream, of a form that could go on */
      const reset = async (
        send: (peer: Peer2, frames: { readonly head: Buffer; readonly data: Buffer }, server: Server) => Promise<void>,
        gate?: () => Promise<unknown>,
      ): Promise<Server> => {
        const server = new Server(before, gate);
        await server.open();
        const listening = createServer(server.app.callback()).listen(0);
        await once(listening, 'listening');
        const peer = new Peer2((listening.address() as AddressInfo).port);
        try {
          const over = server.seen('over');
          const body = new URLSearchParams(forms(server.transactionID)[path] as Record<string, string>);
          const frames = { head: headersFrame(1, headers(path, server.cookie)), data: dataFrame(1, String(body)) };
          await send(peer, frames, server);
          await over;
          return server;
        } finally {
          peer.socket.destroy();
          listening.close();
        }
      };
      const assertNothing = ({ calls, errors }: Server): void => {
        assert.deepEqual(calls, []);
        const isCutOff = (error: Error) => error.message === 'The request body was cut off';
        if (before === undefined && path !== '/api')
          assert.ok(errors.length > 0 && errors.every(isCutOff), String(errors)); // bearer tells nobody, and a parser what it likes
      };

      for (const [how, code] of Object.entries({ CANCEL, NO_ERROR })) {
        it(`${path}: ${how}, together with all that came`, async () => {
          assertNothing(await reset(async (peer, { head, data }) => void peer.send(head, data, resetFrame(1, code))));
        });

        it(`${path}: ${how}, once the server waits for the rest`, async () => {
          assertNothing(
            await reset(async (peer, { head, data }, server) => {
              const begun = server.seen('begun');
              peer.send(head, data);
              await begun;
              for (let turns = 0; turns < 10; turns += 1) await turn();
              peer.send(resetFrame(1, code));
            }),
          );
        });
      }

      it(`${path}: before anybody reads, and with the connection`, async () => {
        let open = (): void => {};
        const gate = new Promise<void>((resolve) => {
          open = resolve;
        });
        assertNothing(
          await reset(
            async (peer, { head, data }, server) => {
              const begun = server.seen('begun');
              peer.send(head, data);
              await begun;
              peer.send(resetFrame(1));
              peer.socket.end();
              await peer.closed;
              open();
            },
            () => gate,
          ),
        );
      });
    }

    it('one that is whole counts: the denial at its end, too', async () => {
      const server = new Server(before, undefined);
      await server.open();
      const listening = createServer(server.app.callback()).listen(0);
      await once(listening, 'listening');
      const peer = new Peer2((listening.address() as AddressInfo).port);
      try {
        const head = headersFrame(1, headers('/decision', server.cookie));
        const data = dataFrame(1, `transaction_id=${server.transactionID}`);
        peer.send(head, data, dataFrame(1, '&cancel=', 'last'));
        await peer.end(1);
        assert.deepEqual([server.calls, server.errors], [['parse'], []]);
      } finally {
        peer.socket.destroy();
        listening.close();
      }
    });
  });
}

describe('RFC 9113 §8.1: a form that a client of node:http2 gives up', () => {
  const ways: Readonly<Record<string, (stream: ClientHttp2Stream, session: ClientHttp2Session) => void>> = {
    'by destroying the stream': (stream) => void stream.destroy(),
    'by an error': (stream) => void stream.destroy(new Error('the user has closed the page')),
    'by destroying the session': (_stream, session) => session.destroy(),
    'by not going on, until the server resets it': () => {},
  };
  for (const [name, giveUp] of Object.entries(ways)) {
    it(`${name}: nothing is decided, and the dialog still waits`, async () => {
      const server = new Server(undefined, undefined);
      await server.open();
      const listening = createServer(server.app.callback()).listen(0);
      await once(listening, 'listening');
      // docs/running-it.md has it in seconds: long enough for whoever goes on
      if (name.endsWith('the server resets it'))
        listening.on('request', ({ stream }) => void setTimeout(() => stream.close(CANCEL), 50));
      const session = connect(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`).on('error', () => {});
      try {
        const over = server.seen('over');
        const begun = server.seen('begun');
        const stream = session.request(Object.fromEntries(headers('/decision', server.cookie)));
        stream.on('error', () => {}).write(`transaction_id=${server.transactionID}`);
        await begun;
        giveUp(stream, session);
        await over;
        assert.deepEqual(server.calls, []);
        const form = { transaction_id: server.transactionID, cancel: '' };
        const later = request(server.app.callback()).post('/decision').type('form').send(form);
        assert.equal((await later.set('Cookie', server.cookie).set('X-User', 'alice')).status, 303);
      } finally {
        session.destroy();
        listening.close();
      }
    });
  }
});
