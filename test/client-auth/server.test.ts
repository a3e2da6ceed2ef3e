/** Client authentication that learns from its server what was said there. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import { createServer, exchange, metadata, revocation } from 'koauthorize';
import {
  type ClientAuthMethod,
  ClientStrategy,
  clientAuthentication,
  clientSecretJwt,
  clientSecretPost,
  none,
  privateKeyJwt,
} from 'koauthorize/client-auth';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { goodClaims, inForm, NOW, signed } from '../support/assertions.js';
import { assertErrorHere } from '../support/form.js';
import { keyPair } from '../support/key-server.js';

const ISSUER = 'https://as.example';
const SECRET = 'a secret of at least thirty-two bytes, which HS256 asks for';

interface Own {
  readonly name: string;
  readonly client_secret: string;
  readonly token_endpoint_auth_method?: string;
}

function connected(method: ClientAuthMethod<Own> = clientSecretJwt()) {
  const clients = new Map<string, Own>([
    ['post', { name: 'post', client_secret: 's' }],
    ['client', { name: 'client', client_secret: SECRET, token_endpoint_auth_method: 'client_secret_jwt' }],
  ]);
  const tokens = tokenService<Own>({ store: memoryStore(), clientScope: () => ['read'], clientID: ({ name }) => name });
  const server = createServer<Own>({
    issuer: ISSUER,
    tokens,
    clients: { find: (id) => clients.get(id) },
    clientID: ({ name }) => name,
    now: () => NOW,
  });
  server.exchange(exchange.clientCredentials(tokens.clientCredentials));
  const authenticateClient = clientAuthentication<Own>({ server, methods: [clientSecretPost(), method] });
  const router = new Router();
  server.endpoint(metadata());
  server.mount(router, { authenticateClient });
  const app = new Koa();
  app.silent = true;
  app.use(server.errorHandler()).use(router.routes());
  const token = (form: object) =>
    request(app.callback())
      .post('/token')
      .type('form')
      .send({ grant_type: 'client_credentials', ...form });
  return { app, token };
}

describe('clientAuthentication({ server })', () => {
  it('finds clients, and knows their identifiers, as the server does', async () => {
    const { token } = connected();
    const { body } = await token({ client_id: 'post', client_secret: 's' }).expect(200);
    assert.equal(typeof body.access_token, 'string');
    assertErrorHere(await token({ client_id: 'nobody', client_secret: 's' }), 400, 'invalid_client');
  });

  it('methods learn the issuer, the clock, and where the use of an assertion is remembered', async () => {
    const { token } = connected();
    const assertion = signed(SECRET, { alg: 'HS256' }, goodClaims('client'), 'HS256');
    await token(inForm(assertion)).expect(200);
    assertErrorHere(await token(inForm(assertion)), 400, 'invalid_client'); // RFC 7523 §3 item 7
    const elsewhere = signed(SECRET, { alg: 'HS256' }, goodClaims('client', { aud: 'https://other.example' }), 'HS256');
    assertErrorHere(await token(inForm(elsewhere)), 400, 'invalid_client');
  });

  it('is in the metadata without being plugged in', async () => {
    const { app } = connected();
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(body.token_endpoint_auth_methods_supported, ['client_secret_post', 'client_secret_jwt']);
  });

  it('what is missing shows at start', () => {
    const find = () => undefined;
    const server = createServer();
    assert.throws(() => clientAuthentication({ server, methods: [none()] }), /requires find, or a server/);
    assert.throws(() => new ClientStrategy({ methods: [none()] }), /requires find, or a server/);
    for (const method of [privateKeyJwt, clientSecretJwt]) {
      assert.throws(() => clientAuthentication({ find, methods: [method()] }), /requires issuer/);
      assert.throws(
        () => clientAuthentication({ server: createServer({ issuer: ISSUER }), find, methods: [method()] }),
        /requires useOnce/,
      );
    }
  });

  it('two issuers are an error at start', () => {
    const tokens = tokenService({ store: memoryStore() });
    const server = createServer({ issuer: ISSUER, tokens });
    const method = privateKeyJwt({ issuer: 'https://other.example' });
    assert.throws(
      () => clientAuthentication({ server, find: () => undefined, methods: [method] }),
      /private_key_jwt\(\{ issuer \}\) is https:\/\/other\.example/,
    );
  });

  for (const method of [privateKeyJwt, clientSecretJwt]) {
    it(`${method.name}: two issuers are an error at start, also where the method was told all that it needs`, () => {
      // RFC 7523 §3: its assertions would be for the audience of another server
      const server = createServer({ issuer: ISSUER });
      const told = method({ issuer: 'https://other.example', useOnce: () => true });
      assert.throws(
        () => clientAuthentication({ server, find: () => undefined, methods: [told] }),
        /_jwt\(\{ issuer \}\) is https:\/\/other\.example, .* this server is https:\/\/as\.example/,
      );
    });

    it(`${method.name}: one method is not for two servers: the second would take the assertions for the first`, () => {
      const use = (one: ReturnType<typeof method>, issuer: string) => {
        const server = createServer({ issuer, tokens: tokenService({ store: memoryStore() }) });
        return clientAuthentication({ server, find: () => undefined, methods: [one] });
      };
      for (const one of [method(), method({ useOnce: () => true }), method({ issuer: ISSUER })]) {
        use(one, ISSUER);
        assert.throws(() => use(one, 'https://other.example'), /is https:\/\/as\.example, .* make one for each server/);
      }
    });

    it(`${method.name}: one method is for all parts of one server`, () => {
      const server = createServer({ issuer: ISSUER, tokens: tokenService({ store: memoryStore() }) });
      const [find, one] = [() => undefined, method()];
      clientAuthentication({ server, find, methods: [one] });
      new ClientStrategy({ server: createServer({ issuer: ISSUER }), find, methods: [one] }); // two servers of one issuer
      new ClientStrategy({ find, methods: [one] }); // and one that is not told its server
    });
  }

  it('clients that a stranger registers make the server ask one host no more than 600 times in a minute', async () => {
    let asked = 0;
    const fetch = async () => {
      asked += 1;
      return new Response(null, { status: 404 });
    };
    const clients = {
      find: (id: string) => ({
        client_id: id,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: `https://victim.example/${id}`,
      }),
    };
    const tokens = tokenService({ store: memoryStore() });
    const server = createServer({ issuer: ISSUER, tokens, clients, now: () => NOW });
    const router = new Router();
    router.post('/token', clientAuthentication({ server, methods: [privateKeyJwt({ fetch, now: () => NOW })] }));
    const app = new Koa();
    app.silent = true;
    app.use(server.errorHandler()).use(router.routes());
    const { privateKey } = await keyPair('ES256', 'k');
    const send = (id: string) => {
      const assertion = signed(privateKey, { alg: 'ES256' }, goodClaims(id));
      return request(app.callback()).post('/token').type('form').send(inForm(assertion));
    };
    for (let n = 0; n < 650; n++) await send(`client-${n}`);
    assert.equal(asked, 600);
    const late = await send('another');
    assertErrorHere(late, 503, 'temporarily_unavailable');
    assert.ok(Number(late.headers['retry-after']) > 0);
  }).timeout(20_000);

  it('a method that was told the issuer and where to remember learns the clock of its server', async () => {
    const { token } = connected(clientSecretJwt<Own>({ issuer: ISSUER, useOnce: () => true }));
    const assertion = signed(SECRET, { alg: 'HS256' }, goodClaims('client'), 'HS256');
    await token(inForm(assertion)).expect(200); // NOW is long ago by the machine's clock
  });
});

describe('clientAuthentication({ server }) in front of an endpoint of another server', () => {
  /** Two servers with a client of the same identifier; the token endpoint of the second has the client authentication of the first. */
  function mixed(registries: readonly { find(id: string): Own | undefined }[], find?: (id: string) => Own | undefined) {
    const [first, second] = registries.map((clients, index) => {
      const options = { clientScope: () => ['read'], clientID: ({ name }: Own) => name };
      const tokens = tokenService<Own>({ store: memoryStore(), ...options });
      const issuer = `${ISSUER}/${index}`;
      const server = createServer<Own>({ issuer, tokens, clients, clientID: options.clientID });
      return server.exchange(exchange.clientCredentials(tokens.clientCredentials)).extend(revocation(tokens.revoke));
    });
    assert.ok(first && second);
    const authenticate = clientAuthentication<Own>({
      server: first,
      methods: [clientSecretPost()],
      ...(find && { find }),
    });
    const errors: Error[] = [];
    const app = new Koa();
    app.on('error', (error) => errors.push(error));
    const router = new Router();
    router.post('/token', authenticate, second.token());
    router.post('/revoke', authenticate, second.route('revocation'));
    app.use(second.errorHandler()).use(router.routes());
    const form = { client_id: 'post', client_secret: 's', grant_type: 'client_credentials', token: 'x' };
    const ask = (path: string) => request(app.callback()).post(path).type('form').send(form);
    return { ask, errors };
  }
  const registry = () => ({
    find: (id: string): Own | undefined => (id === 'post' ? { name: id, client_secret: 's' } : undefined),
  });

  for (const path of ['/token', '/revoke'])
    it(`is an error at ${path} if that server has other clients: a tenant's client would be served by another tenant`, async () => {
      const { ask, errors } = mixed([registry(), registry()]);
      const { status, body } = await ask(path);
      assert.deepEqual([status, body.access_token], [500, undefined]);
      assert.match(
        errors[0]?.message ?? '',
        /that of another server, with other clients.*clientAuthentication\(\{ server \}\)/,
      );
    });

  it('is allowed if both servers have the same object as clients, or the application finds them itself', async () => {
    const shared = registry();
    assert.equal((await mixed([shared, shared]).ask('/token')).status, 200);
    assert.equal((await mixed([registry(), registry()], registry().find).ask('/token')).status, 200);
  });
});
