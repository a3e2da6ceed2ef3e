import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, metadata } from 'koauthorize';
import {
  type ClientAuthMethod,
  type ClientState,
  ClientStrategy,
  clientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  none,
} from 'koauthorize/client-auth';
import request from 'supertest';
import {
  basic,
  CONFIDENTIAL,
  clientAuthServer,
  client as clientOf,
  DOORS,
  PUBLIC,
  type Registered,
} from '../support/client-auth.js';
import { assertErrorHere, assertInvalidClient } from '../support/form.js';

/** A comparison that remembers what it was asked. */
function recording() {
  const asked: string[] = [];
  const compare = async (secret: string, { client_id, client_secret }: Registered): Promise<boolean> => {
    asked.push(`${client_id} ${secret}`);
    return secret === client_secret;
  };
  return { asked, compare, methods: [clientSecretBasic({ compare }), clientSecretPost({ compare })] };
}

for (const door of DOORS) {
  describe(`client-auth: ${door}`, () => {
    it('a method that is registered under another name in other applications', async () => {
      const { token } = clientAuthServer({
        door,
        clients: [clientOf('a', { client_secret: 's', kind: 'client_secret_post' })],
        authentication: { registeredMethod: ({ kind }) => String(kind) },
      });
      await token({ client_id: 'a', client_secret: 's' }).expect(200);
      assertInvalidClient(await token({}, basic('a', 's')));
    });

    it('null, as databases have it, is no method registered: either way to send the secret', async () => {
      const registeredMethod = () => null as unknown as undefined;
      const { token } = clientAuthServer({ door, authentication: { registeredMethod } });
      await token({ client_id: 'client', client_secret: 'a secret' }).expect(200);
      await token({}, basic('client', 'a secret')).expect(200);
      assertInvalidClient(await token({ client_id: 'client' }));
    });

    it('a client that find gave for another identifier is no such client', async () => {
      const find = (id: string) => (id.toLowerCase() === 'client' ? CONFIDENTIAL : undefined);
      const { token } = clientAuthServer({ door, authentication: { find } });
      await token({}, basic('client', 'a secret')).expect(200);
      assertInvalidClient(await token({}, basic('Client', 'a secret')));
    });

    it("clients of another shape, whose identifier nobody told, are the operator's error", async () => {
      const find = () => ({ id: 'client', client_secret: 'a secret' }) as unknown as Registered;
      const { token, errors } = clientAuthServer({ door, authentication: { find } });
      assertErrorHere(await token({}, basic('client', 'a secret')), 500, 'server_error');
      assert.match(String(errors[0]), /clientAuthentication\(\{ clientID \}\)/);
    });

    it('RFC 6749 appendix A.1 what no identifier can be is never looked up', async () => {
      const { token, asked } = clientAuthServer({ door });
      for (const client_id of ['a\u0000', 'a\nb', '\u00fc', 'x'.repeat(2049)])
        assertInvalidClient(await token({ client_id, client_secret: 's' }));
      assert.deepEqual(asked, []);
    });

    it('whoever a header names in two ways is looked up once, whether there is such a client or not', async () => {
      const { token, asked } = clientAuthServer({ door });
      for (const name of ['client', 'nobody']) {
        assertInvalidClient(await token({}, { Authorization: `Basic ${btoa(`${name}:a%20b`)}` }));
      }
      assert.deepEqual(asked, ['client', 'nobody']);
    });

    it('compares the secret of another client for an unknown client, so that both take the same time', async () => {
      const { asked, methods } = recording();
      const { token } = clientAuthServer({ door, authentication: { methods } });
      assertInvalidClient(await token({}, basic('client', 'wrong')));
      assertInvalidClient(await token({}, basic('nobody', 'a secret')));
      assertInvalidClient(await token({}, basic('public', 'a secret')));
      assert.deepEqual(asked, ['client wrong', 'client a secret', 'client a secret']);
    });

    it('RFC 6749 §2.3.1 neither the response nor the amount of work shows whether a secret that is sent by an unregistered method is right', async () => {
      const { asked, methods } = recording();
      const poster = clientOf('poster', {
        client_secret: 'its secret',
        token_endpoint_auth_method: 'client_secret_post',
      });
      const { token } = clientAuthServer({ door, clients: [poster], authentication: { methods } });
      const [right, wrong, nobody] = [
        await token({}, basic('poster', 'its secret')),
        await token({}, basic('poster', 'another')),
        await token({}, basic('nobody', 'another')),
      ];
      assertErrorHere(right, 401, 'invalid_client');
      for (const other of [wrong, nobody]) {
        assert.deepEqual([other.status, other.text], [right.status, right.text]);
        assert.deepEqual(Object.keys(other.headers), Object.keys(right.headers));
      }
      assert.deepEqual(asked, ['poster its secret', 'poster another', 'poster another']);
    });

    it("what goes wrong while pretending is nobody's", async () => {
      let calls = 0;
      const compare = (): boolean => {
        calls += 1;
        if (calls === 1) return true;
        throw new Error('broken');
      };
      const { token } = clientAuthServer({ door, authentication: { methods: [clientSecretBasic({ compare })] } });
      await token({}, basic('client', 'a secret')).expect(200);
      assertInvalidClient(await token({}, basic('nobody', 'a secret')));
      assertErrorHere(await token({}, basic('client', 'a secret')), 500, 'server_error');
    });

    it('every reading of a Basic header is compared, whichever is right', async () => {
      const { asked, methods } = recording();
      const clients = [clientOf('a', { client_secret: '1 2' })];
      const { token } = clientAuthServer({ door, clients, authentication: { methods } });
      await token({}, basic('a', '1+2')).expect(200);
      assertInvalidClient(await token({}, basic('a', '1+3')));
      assert.deepEqual(asked, ['a 1 2', 'a 1+2', 'a 1 3', 'a 1+3']);
    });

    it('only true is a proof', async () => {
      for (const answer of [1, 'yes', {}, [], null, undefined]) {
        const compare = () => answer as unknown as boolean;
        const methods = [clientSecretPost({ compare })];
        const { token } = clientAuthServer({ door, authentication: { methods } });
        assertInvalidClient(await token({ client_id: 'client', client_secret: 'a secret' }));
      }
    });

    it("what find or compare throws is the operator's to see and the client's server_error", async () => {
      const thrown = new Error('secret of the database');
      const broken = () => Promise.reject(thrown);
      for (const authentication of [{ find: broken }, { methods: [clientSecretBasic({ compare: broken })] }]) {
        const { token, errors } = clientAuthServer({ door, authentication });
        const response = await token({}, basic('client', 'a secret'));
        assert.deepEqual([response.status, response.text], [500, '{"error":"server_error"}']);
        assert.deepEqual(errors, [thrown]);
      }
    });

    it('GET and other content types do not get as far as find', async () => {
      const { app, post, asked } = clientAuthServer({ door });
      const get = await request(app.callback()).get('/token').set(basic('client', 'a secret'));
      assertErrorHere(get, 405, 'invalid_request');
      const json = await post('/token', '{}').type('json').set(basic('client', 'a secret'));
      assertErrorHere(json, 400, 'invalid_request');
      assert.deepEqual(asked, []);
    });

    it('RFC 6749 §2.3.1 a registered public client may come in the header with an empty secret, and nobody else', async () => {
      const clients = [
        { ...PUBLIC, client_id: 'spa', token_endpoint_auth_method: 'none' },
        { ...PUBLIC, client_id: 'web', client_secret: 'a secret', token_endpoint_auth_method: 'client_secret_basic' },
        { client_id: 'either', client_name: 'E', redirect_uris: [], client_secret: 'a secret' },
        { client_id: 'unset', client_name: 'U', redirect_uris: [] },
      ];
      for (const methods of [[none()], [clientSecretBasic(), none()], [none(), clientSecretBasic()]]) {
        const { post } = clientAuthServer({ door, clients, authentication: { methods } });
        const revoke = (id: string, more: object = {}, secret = '') =>
          post('/revoke', { token: 'a', ...more }).set(basic(id, secret));
        await revoke('spa').expect(200);
        await revoke('spa', { client_id: 'spa' }).expect(200);
        for (const id of ['web', 'either', 'unset', 'nobody']) assertInvalidClient(await revoke(id));
        assertInvalidClient(await revoke('spa', {}, 'x'));
        assertInvalidClient(await revoke('spa', { client_id: 'web' }));
        assertErrorHere(await revoke('spa', { client_secret: 'a secret' }), 400, 'invalid_request');
      }
    });

    it('the operator is told why, and no secret', async () => {
      const { token, errors } = clientAuthServer({ door });
      await token({}, basic('client', 'hunter2'));
      await token({}, basic('nobody', 'hunter2'));
      await token({}, { Authorization: 'Basic aHVudGVyMg==' });
      await token();
      await token({}, basic('public', 'hunter2'));
      const causes = errors.map(({ cause }) =>
        (cause as Error).message.replace(/ \((client|grant_type|came): .*\)$/, ''),
      );
      assert.deepEqual(causes, [
        'The client_secret_basic of client is not right',
        'There is no client nobody',
        'Malformed Basic header',
        'No client authentication, or none that is plugged in',
        'public came by client_secret_basic, by another method than registered: none',
      ]);
    });

    it('two requests with one method each do not disturb each other', async () => {
      const { token, issued } = clientAuthServer({ door });
      const both = [
        token({}, basic('client', 'a secret')),
        token({ client_id: 'other', client_secret: 'other secret' }),
      ];
      await Promise.all(both.map((test) => test.expect(200)));
      assert.deepEqual(issued.map(({ client }) => client).sort(), ['client', 'other']);
    });

    it('RFC 6749 §2.3 two Authorization headers, of which Node gives the first, are two ways', async () => {
      const { app, issued } = clientAuthServer({ door });
      const server = app.listen(0);
      const body = 'grant_type=client_credentials';
      const right = basic('client', 'a secret').Authorization;
      for (const [first, second] of [
        [right, basic('client', 'wrong').Authorization],
        [right, right],
        [right, 'Bearer abc'],
        ['', right],
      ]) {
        const text = await new Promise<string>((resolve, reject) => {
          const socket = connect((server.address() as AddressInfo).port);
          let received = '';
          socket
            .on('data', (chunk) => {
              received += chunk;
            })
            .on('end', () => resolve(received))
            .on('error', reject);
          socket.write(
            `POST /token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${first}\r\nauthorization: ${second}\r\n` +
              `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          );
        });
        assert.match(text, /^HTTP\/1\.1 400 /);
        assert.match(text, /"invalid_request"/);
      }
      server.close();
      assert.deepEqual(issued, []);
    });
  });
}

/** A server with a metadata document, and neither introspection nor revocation. */
function metadataOnly(): Koa {
  const server = createServer().extend(clientAuthentication({ find: () => undefined, methods: [none()] }));
  const app = new Koa();
  app.use(server.endpoint(metadata({ issuer: 'https://as.example', token_endpoint: '/token' })));
  return app;
}

describe('client-auth: options', () => {
  const find = () => undefined;
  const own: ClientAuthMethod = { name: 'client_secret_basic', identify: () => [], verify: () => false };
  const refused: readonly [title: string, make: () => unknown, message: RegExp][] = [
    ['no methods', () => clientAuthentication({ find, methods: [] }), /requires methods/],
    [
      'two of a name',
      () => clientAuthentication({ find, methods: [clientSecretBasic(), own] }),
      /client_secret_basic is plugged in twice/,
    ],
    ['no find', () => clientAuthentication({ methods: [none()] } as never), /requires find/],
    [
      'no methods in a strategy',
      () => new ClientStrategy<{ client_id: string }>({ find, methods: [] }),
      /requires methods/,
    ],
  ];
  for (const [title, make, message] of refused) {
    it(`${title}: TypeError at once`, () => assert.throws(make, { name: 'TypeError', message }));
  }

  it("a method of the application's own", async () => {
    const own: ClientAuthMethod<Registered> = {
      name: 'badge',
      identify: ({ ctx }) => [ctx.get('X-Badge')].filter(Boolean),
      verify: ({ client_id }, { ctx, clientID }) => client_id === clientID && ctx.get('X-Pass') === 'open',
    };
    const clients = [clientOf('a', { token_endpoint_auth_method: 'badge' })];
    const { token } = clientAuthServer({ clients, authentication: { methods: [own, none()] } });
    await token({}, { 'X-Badge': 'a', 'X-Pass': 'open' }).expect(200);
    assertInvalidClient(await token({}, { 'X-Badge': 'a' }));
    assertInvalidClient(await token({ client_id: 'a' }));
  });

  it('a method proves the client that it names, and no other', async () => {
    const by = (name: string): ClientAuthMethod<Registered> => ({
      name,
      identify: ({ ctx }) => [ctx.get(name)].filter(Boolean),
      verify: () => true,
    });
    const clients = [clientOf('a'), clientOf('b', { token_endpoint_auth_method: 'two' })];
    const { token } = clientAuthServer({ clients, authentication: { methods: [by('one'), by('two')] } });
    await token({}, { two: 'b' }).expect(200);
    assertInvalidClient(await token({}, { one: 'b', two: 'a' }));
  });

  it('a form without a secret is not compared', async () => {
    const methods = [clientSecretPost<Registered>({ compare: () => true })];
    const { token } = clientAuthServer({ authentication: { methods } });
    await token({ client_id: 'client', client_secret: 'anything' }).expect(200);
    for (const secret of [{}, { client_secret: '' }])
      assertInvalidClient(await token({ client_id: 'client', ...secret }));
  });

  it('RFC 8414 §2 the metadata says nothing of endpoints that there are not', () => {
    const said = Object.keys(clientAuthentication({ find, methods: [none()] }).metadata());
    assert.ok(said.includes('introspection_endpoint_auth_methods_supported'), `${said}`);
    return request(metadataOnly().callback())
      .get('/')
      .expect(200)
      .then(({ body }) => {
        const about = Object.keys(body).filter((name) => name.includes('_auth_'));
        assert.deepEqual(about, ['token_endpoint_auth_methods_supported']);
      });
  });

  it("routes of the application's own know the client, by its type", async () => {
    const app = new Koa();
    const router = new Router<ClientState<Registered>>();
    const authenticate = clientAuthentication({ find: () => PUBLIC, methods: [none<Registered>()] });
    router.post('/whoami', authenticate, (ctx) => {
      const { client, method } = ctx.state.oauth2;
      ctx.body = { name: client.client_name, method, told: ctx.state.authInfo.method };
    });
    app.use(router.routes());
    const response = await request(app.callback()).post('/whoami').type('form').send({ client_id: 'public' });
    assert.deepEqual(response.body, { name: 'A client', method: 'none', told: 'none' });
  });
});
