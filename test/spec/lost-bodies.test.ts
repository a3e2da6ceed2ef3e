/** RFC 6749 §4.1.2.1: a denial stays a denial, whatever another middleware has done with the body. `transaction_id` is in the URL of the form. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';
import request from 'supertest';
import { authorizationServer, browser, redirected, tokenRequest } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { next as nextEvent, Peer } from '../support/raw-http.js';
import { registrationServer, WEB } from '../support/registration-server.js';

const FORM = 'application/x-www-form-urlencoded';
const LOST = /did not leave it in ctx\.request\.body/;

async function bytesOf({ req }: Context): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A parser that leaves what this function makes of the bytes. */
const leaving =
  (what: (bytes: Buffer) => object): Middleware =>
  async (ctx, next) => {
    if (ctx.method === 'POST') Object.assign(ctx.request, what(await bytesOf(ctx)));
    await next();
  };

/** Listens to the body, as metrics and logs do. */
const counter: Middleware = async (ctx, next) => {
  ctx.req.on('data', () => {});
  await next();
};

/** A session store takes as long. */
const slow: Middleware = async (_ctx, next) => {
  await wait(10);
  await next();
};

const chain =
  (...parts: readonly Middleware[]): Middleware =>
  (ctx, next) =>
    parts.reduceRight<() => Promise<unknown>>((rest, part) => async () => part(ctx, rest), next)();

describe('RFC 6749 §4.1.2.1 a denial is read from what another middleware has left', () => {
  const ways: Readonly<Record<string, Middleware>> = {
    'its text': leaving((bytes) => ({ body: String(bytes) })),
    'its bytes as a Buffer': leaving((bytes) => ({ body: bytes })),
    'its bytes as a Uint8Array': leaving((bytes) => ({ body: new Uint8Array(bytes) })),
    URLSearchParams: leaving((bytes) => ({ body: new URLSearchParams(String(bytes)) })),
    'its text in rawBody, and none in body': leaving((bytes) => ({ rawBody: String(bytes) })),
    'its text in rawBody, and an empty object in body': leaving((bytes) => ({ rawBody: String(bytes), body: {} })),
    'an unread body, and a Map': async (ctx, next) => {
      Object.assign(ctx.request, { body: new Map([['a', '1']]) });
      await next();
    },
  };
  for (const [name, before] of Object.entries(ways)) {
    it(name, async () => {
      const forms: object[] = [];
      const { app } = authorizationServer({
        before,
        decision: (server) =>
          server.decision((_ctx, form) => {
            forms.push(form);
            return {};
          }),
      });
      const { agent, authorize } = browser(app);
      const decide = async (fields: string) => {
        const { transactionID } = (await authorize()).body;
        const url = `/decision?transaction_id=${transactionID}`;
        return redirected(await agent.post(url).set('X-User', 'alice').type('form').send(fields).expect(303));
      };
      assert.equal((await decide('cancel=yes&scope=read'))['error'], 'access_denied');
      assert.ok((await decide('scope=read'))['code']);
      assert.deepEqual(forms, [{ cancel: 'yes', scope: 'read' }, { scope: 'read' }]);
    });
  }
});

describe('RFC 6749 §4.1.2.1 a denial of which a part is lost is not taken for consent', () => {
  const ways: Readonly<Record<string, Middleware>> = {
    'a Map': leaving((bytes) => ({ body: new Map(new URLSearchParams(String(bytes))) })),
    FormData: leaving(() => ({ body: new FormData() })),
    'a list': leaving((bytes) => ({ body: [...new URLSearchParams(String(bytes))] })),
    'a stream': leaving((bytes) => ({ body: Readable.from(bytes) })),
    'the fields in ctx.req.body': async (ctx, next) => {
      if (ctx.method === 'POST') Object.assign(ctx.req, { body: String(await bytesOf(ctx)) });
      await next();
    },
    'the second half of the text': leaving((bytes) => ({ body: String(bytes.subarray(5)) })),
    'the second half of the bytes': leaving((bytes) => ({ body: bytes.subarray(5) })),
    'the second half in rawBody': leaving((bytes) => ({ rawBody: String(bytes.subarray(5)) })),
    'nothing: it has resumed the stream': async (ctx, next) => {
      if (ctx.method === 'POST') ctx.req.resume();
      await wait(5);
      await next();
    },
    'nothing: it has waited for some data': async (ctx, next) => {
      if (ctx.method === 'POST') await once(ctx.req, 'data');
      await next();
    },
    'nothing: it counts bytes, and the session store is slow': chain(counter, slow),
  };
  for (const [name, before] of Object.entries(ways)) {
    it(`another middleware has left ${name}`, async () => {
      const { app, errors } = authorizationServer({ before });
      const { agent, authorize } = browser(app);
      const { transactionID } = (await authorize()).body;
      const post = agent.post(`/decision?transaction_id=${transactionID}`).set('X-User', 'alice').type('form');
      const response = await post.send('cancel=yes&note=1');
      assert.deepEqual([response.status, response.body], [500, { error: 'server_error' }]);
      assert.match(errors.at(-1)?.message ?? '', LOST);
    });
  }

  const empty: Readonly<Record<string, Middleware>> = {
    'the whole body was read': leaving(() => ({ body: {} })),
    'a part of it was read, by a middleware that counts bytes': chain(counter, slow, async (ctx, next) => {
      Object.assign(ctx.request, { body: {} });
      await next();
    }),
  };
  for (const [name, before] of Object.entries(empty)) {
    it(`an empty object is left, and ${name}: 400, since a client can cause it by a body such as &`, async () => {
      const { app } = authorizationServer({ before });
      const { agent, authorize } = browser(app);
      const { transactionID } = (await authorize()).body;
      for (const body of ['cancel=yes&note=1', '&']) {
        const post = agent.post(`/decision?transaction_id=${transactionID}`).set('X-User', 'alice').type('form');
        assertErrorHere(await post.send(body), 400, 'invalid_request');
      }
    });
  }

  it('compressed bytes that another middleware has left get 415', async () => {
    const { app } = authorizationServer({ before: leaving((bytes) => ({ body: bytes })) });
    const { agent, authorize } = browser(app);
    const { transactionID } = (await authorize()).body;
    const post = agent.post(`/decision?transaction_id=${transactionID}`).set('X-User', 'alice').type('form');
    const response = await post
      .set('Content-Encoding', 'gzip')
      .serialize(String)
      .send(gzipSync('cancel=yes') as never);
    assert.equal(response.status, 415);
  });

  it('a form that begins with a byte order mark is the fault of the client: 400, whether or not there is a body parser', async () => {
    for (const before of [bodyParser(), undefined]) {
      const { app, errors } = authorizationServer({ ...(before && { before }) });
      const post = request(app.callback()).post('/token').auth('client', 'client-secret').type('form');
      const response = await post.send('\ufeffgrant_type=client_credentials');
      assert.deepEqual([response.status, response.body.error], [400, 'invalid_request'], errors.at(-1)?.message);
    }
  });

  it('a byte order mark and bytes that are not UTF-8, which a decoder makes longer, are the fault of the client, too', async () => {
    const rest = Buffer.from('grant_type=client_credentials');
    for (const invalid of [[0xff], [0xff, 0xff]]) {
      const { app, errors } = authorizationServer({ before: bodyParser() });
      const post = request(app.callback()).post('/token').auth('client', 'client-secret').type('form');
      const body = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf, ...invalid]), rest]);
      const response = await post.serialize((bytes) => bytes as never).send(body as never);
      assert.deepEqual([response.status, response.body.error], [400, 'invalid_request'], errors.at(-1)?.message);
    }
  });

  it('the same error tells the operator at the token endpoint and at registration', async () => {
    const { app, errors } = authorizationServer({ before: chain(counter, slow) });
    assert.equal((await tokenRequest(app, { grant_type: 'client_credentials' })).status, 500);
    assert.match(errors.at(-1)?.message ?? '', LOST);
    for (const body of [new Map(Object.entries(WEB)), Buffer.from(JSON.stringify(WEB)), undefined]) {
      const { register } = registrationServer({ before: leaving(() => ({ body })) });
      await register(WEB).expect(500);
    }
  });
});

describe('RFC 6749 §4.1.2.1 a denial that arrives in two parts', () => {
  /** @returns status and Location of the decision */
  async function decide(before: Middleware, field: (length: number) => string, write: (text: string) => string) {
    const { app, errors } = authorizationServer({ before });
    const server = createServer(app.callback()).listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const dialog = await browser(app).authorize();
    const cookie = [dialog.headers['set-cookie'] ?? []]
      .flat()
      .map((each) => each.replace(/;.*/, ''))
      .join('; ');
    const parts = ['cancel=yes&', `transaction_id=${dialog.body.transactionID}`] as const;
    const begun = nextEvent(server, 'request');
    const peer = new Peer(port);
    try {
      const fields = ['Host: x', 'X-User: alice', `Cookie: ${cookie}`, `Content-Type: ${FORM}`];
      peer.send(['POST /decision HTTP/1.1', ...fields, field(parts.join('').length), '', write(parts[0])].join('\r\n'));
      await begun;
      await wait(60); // until the toolkit waits for more
      peer.send(write(parts[1]) + write(''));
      await peer.answered();
      const [answer] = peer.answers;
      return { status: answer?.status, location: /^location: (.*)$/im.exec(answer?.head ?? '')?.[1] ?? '', errors };
    } finally {
      peer.socket.destroy();
      server.close();
    }
  }
  const framings: Readonly<Record<string, [(length: number) => string, (text: string) => string]>> = {
    'with Content-Length': [(length) => `Content-Length: ${length}`, (text) => text],
    'in chunks': [() => 'Transfer-Encoding: chunked', (text) => `${text.length.toString(16)}\r\n${text}\r\n`],
  };
  for (const [name, [field, write]] of Object.entries(framings)) {
    it(`${name}: the first is lost to a middleware that counts bytes, while the session store is slow`, async () => {
      const { status, location, errors } = await decide(chain(counter, slow), field, write);
      assert.deepEqual([status, location], [500, '']);
      assert.match(errors.at(-1)?.message ?? '', LOST);
    });

    it(`${name}: nothing is lost to a middleware that counts bytes if nothing waits`, async () => {
      const { status, location } = await decide(counter, field, write);
      assert.equal(status, 303);
      assert.match(location, /error=access_denied/);
    });

    it(`${name}: nothing is lost to a middleware that counts bytes if a body parser comes directly after it`, async () => {
      const { status, location } = await decide(chain(counter, bodyParser(), slow), field, write);
      assert.equal(status, 303);
      assert.match(location, /error=access_denied/);
    });

    it(`${name}: nothing is lost to a middleware that has set an encoding`, async () => {
      const encoding: Middleware = async (ctx, next) => {
        ctx.req.setEncoding('hex');
        await next();
      };
      const { status, location } = await decide(encoding, field, write);
      assert.equal(status, 303);
      assert.match(location, /error=access_denied/);
    });
  }
});
