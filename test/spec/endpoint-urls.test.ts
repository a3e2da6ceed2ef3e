/** RFC 8414 §2, RFC 9207 §2: the issuer is said once, and the endpoints are below it. */
import assert from 'node:assert/strict';
import {
  createServer,
  introspection,
  issuer,
  jwks,
  type MetadataOptions,
  metadata,
  revocation,
  type ServerOptions,
} from 'koauthorize';
import request from 'supertest';
import { type App, authorizationServer, browser, plugAll, type User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

const TENANT = 'https://as.example/tenant';
const PATH = '/.well-known/oauth-authorization-server';

type Options = ServerOptions<App, User>;

/** Grants and exchanges, and no issuer(). */
function withoutIssuer(server: ReturnType<typeof createServer<App, User>>): void {
  const { extend } = server;
  server.extend = (extension) => (extension.name === 'issuer' ? server : extend.call(server, extension));
  plugAll(server);
  server.extend = extend;
}

interface Own {
  readonly introspection?: string;
  readonly revocation?: string;
  readonly jwks?: string;
}

function serve(options: Options, document: MetadataOptions = {}, own: Own = {}) {
  const { app, errors } = authorizationServer({
    options,
    plug: withoutIssuer,
    routes(router, server) {
      const at = (url: string | undefined) => (url === undefined ? {} : { url });
      router.post('/introspect', server.endpoint(introspection(() => false, at(own.introspection))));
      router.post('/revoke', server.endpoint(revocation(() => {}, at(own.revocation))));
      router.get('/jwks', server.endpoint(jwks({ jwks: () => ({ keys: [] }) }, at(own.jwks))));
      router.get(PATH, server.endpoint(metadata(document)));
    },
  });
  return { app, errors, document: () => request(app.callback()).get(PATH) };
}

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'jwks_uri',
] as const;

async function urlsOf(...args: Parameters<typeof serve>): Promise<readonly string[]> {
  const { body } = await serve(...args)
    .document()
    .expect(200);
  return ENDPOINTS.map((name) => body[name]);
}

const below = (base: string) => ['authorize', 'token', 'introspect', 'revoke', 'jwks'].map((path) => `${base}/${path}`);

describe('RFC 8414 §2: where the endpoints are', () => {
  it('the endpoints are below the path of the issuer, which is said once', async () => {
    assert.deepEqual(await urlsOf({ issuer: TENANT }), below(TENANT));
    assert.deepEqual(await urlsOf({ issuer: `${TENANT}/` }), below(TENANT));
    assert.deepEqual(await urlsOf({ issuer: 'https://as.example' }), below('https://as.example'));
  });

  it('a mounted application says its prefix once', async () => {
    assert.deepEqual(await urlsOf({ issuer: TENANT, prefix: '/oauth' }), below(`${TENANT}/oauth`));
    const [, token] = await urlsOf({ issuer: TENANT, prefix: '/oauth', endpoints: { token: '/t' } });
    assert.equal(token, `${TENANT}/oauth/t`);
  });

  it('createServer({ endpoints }) says where they are, for the document and for every endpoint', async () => {
    const endpoints = {
      authorization: '/a',
      token: 'https://tokens.example/t',
      introspection: '/i',
      revocation: '/r',
      jwks: '/k',
      registration: '/register',
    };
    const expected = [`${TENANT}/a`, 'https://tokens.example/t', `${TENANT}/i`, `${TENANT}/r`, `${TENANT}/k`];
    assert.deepEqual(await urlsOf({ issuer: TENANT, endpoints }), expected);
    const { body } = await serve({ issuer: TENANT, endpoints }).document();
    assert.equal(body.registration_endpoint, `${TENANT}/register`);
    const { issuer: _, ...elsewhere } = { issuer: TENANT, endpoints };
    const late = authorizationServer({
      options: elsewhere,
      routes: (router, server) => router.get(PATH, server.endpoint(metadata())),
    });
    const { body: found } = await request(late.app.callback()).get(PATH).expect(200);
    assert.equal(found.authorization_endpoint, 'https://as.example/a', 'the issuer may be said by issuer()');
  });

  it('the options of the endpoints and of the document go on saying it, below the issuer', async () => {
    const own = { introspection: '/i', revocation: 'https://r.example/', jwks: '/k' };
    const expected = [`${TENANT}/a`, `${TENANT}/token`, `${TENANT}/i`, 'https://r.example/', `${TENANT}/k`];
    assert.deepEqual(await urlsOf({ issuer: TENANT }, { authorization_endpoint: '/a' }, own), expected);
  });

  it('RFC 8705 §5: aliases are below the issuer, too', async () => {
    const aliases = { token_endpoint: '/mtls/token', introspection_endpoint: 'https://mtls.example/introspect' };
    const { body } = await serve({ issuer: TENANT }, { mtls_endpoint_aliases: aliases }).document();
    assert.deepEqual(body.mtls_endpoint_aliases, { ...aliases, token_endpoint: `${TENANT}/mtls/token` });
  });

  it('pages for people may be anywhere', async () => {
    const { body } = await serve(
      { issuer: TENANT },
      { service_documentation: 'http://docs.example/#oauth', op_policy_uri: '/policy' },
    ).document();
    assert.deepEqual(
      [body.service_documentation, body.op_policy_uri],
      ['http://docs.example/#oauth', `${TENANT}/policy`],
    );
  });

  const WRONG = [
    'token',
    './token',
    '',
    '//other.example/token',
    '/\\\\other.example/token',
    '\\token',
    'https:token',
    'https:/as.example/token',
    'https:\\\\as.example/token',
    ' /token',
    '/to ken',
    '/token\n',
    '/a/../token',
    '/./token',
    '/token#here',
    '/t\u00f6ken',
    'http://as.example/token',
    'ftp://as.example/token',
    'javascript:alert(1)',
    'https://user@as.example/token',
    'https://AS.example/token',
    'https://as.example:443/token',
  ];
  for (const url of WRONG) {
    it(`${JSON.stringify(url)} is refused at start as the URL of an endpoint, whatever configures it`, () => {
      const attempts = [
        () => createServer({ endpoints: { token: url } }),
        () => metadata({ token_endpoint: url }),
        () => metadata({ jwks_uri: url }),
        () => metadata({ mtls_endpoint_aliases: { token_endpoint: url } }),
        () => introspection(() => false, { url }),
        () => revocation(() => {}, { url }),
        () => jwks({ jwks: () => ({ keys: [] }) }, { url }),
      ];
      for (const attempt of attempts)
        assert.throws(attempt, { name: 'TypeError', message: /is a path such as \/token/ });
    });
  }
  for (const prefix of ['oauth', '/oauth/', '/', '//oauth', '/oauth?x', 'https://as.example/oauth']) {
    it(`${prefix} is no prefix`, () => {
      assert.throws(() => createServer({ prefix }), { name: 'TypeError', message: /prefix is a path/ });
    });
  }

  it('what an extension says is not published relative either: the operator is told', async () => {
    const { app, errors } = authorizationServer({
      routes(router, server) {
        server.extend({ name: 'userinfo', metadata: () => ({ userinfo_endpoint: 'userinfo' }) as MetadataOptions });
        router.get(PATH, server.endpoint(metadata()));
      },
    });
    assertErrorHere(await request(app.callback()).get(PATH), 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /userinfo_endpoint is a path/);
  });

  it('what two say differently is an error at start', () => {
    const endpoints = { introspection: '/i', revocation: '/r', jwks: '/k', token: '/t' };
    const once = { issuer: TENANT, endpoints };
    for (const own of [{ introspection: '/x' }, { revocation: '/x' }, { jwks: '/x' }])
      assert.throws(() => serve(once, {}, own), /createServer\(\{ endpoints \}\)/);
    assert.throws(() => serve(once, { token_endpoint: '/x' }), /createServer\(\{ endpoints \}\)/);
    assert.throws(() => serve(once, { issuer: 'https://other.example' }), /different issuers/);
    assert.throws(() => createServer(once).extend(issuer('https://other.example')), /says that the issuer is/);
    serve(once, { token_endpoint: '/t' }, { jwks: '/k' });
    createServer(once).extend(issuer(TENANT));
  });
});

describe('RFC 9207 §2: the issuer identifier', () => {
  it('createServer({ issuer }) is in every authorization response, with issuer() besides and without', async () => {
    const { app } = serve({ issuer: TENANT });
    assert.equal((await browser(app).allow())['iss'], TENANT);
    assert.equal((await browser(app).allow({}, { cancel: '' }))['iss'], TENANT);
    const both = authorizationServer({ options: { issuer: 'https://as.example' } });
    assert.equal((await browser(both.app).allow())['iss'], 'https://as.example');
  });

  const WRONG = [
    ' https://as.example',
    'https://as.example ',
    'https://as.example\n',
    'https:as.example',
    'https:/as.example',
    'https:\\\\as.example',
    'https://as.example\\tenant',
    'https://user@as.example',
    'https://user:secret@as.example',
    'https://@as.example',
    'https://AS.example',
    'HTTPS://as.example',
    'https://as.example:443',
    'https://as.example/a/../tenant',
    'https://as.example/ten ant',
    'https://as.example/?',
    'https://as.example?x=y',
    'https://as.example#x',
    'http://as.example',
    'as.example',
    '',
  ];
  for (const wrong of WRONG) {
    it(`RFC 8414 §2: ${JSON.stringify(wrong)} is none`, () => {
      for (const attempt of [
        () => issuer(wrong),
        () => createServer({ issuer: wrong }),
        () => metadata({ issuer: wrong }),
      ])
        assert.throws(attempt, { name: 'TypeError', message: /An issuer is an https URL/ });
    });
  }
  for (const [wrong, normal] of [
    ['https://AS.example', 'https://as.example'],
    ['https://AS.example/', 'https://as.example/'],
    ['https://as.example:443', 'https://as.example'],
    ['https://as.example/a/../tenant', 'https://as.example/tenant'],
    [' https://as.example', 'https://as.example'],
  ] as const)
    it(`RFC 8414 §2: of ${JSON.stringify(wrong)} the error shows the normal form`, () =>
      assert.throws(
        () => issuer(wrong),
        ({ message }: Error) => message.endsWith(`, not ${JSON.stringify(wrong)}: write ${normal}`),
      ));
  it('RFC 8414 §2: a URL object is none', () =>
    assert.throws(() => issuer(new URL('https://as.example') as never), /^TypeError: An issuer is an https URL/));
  for (const wrong of ['http://as.example', 'https://user@as.example', 'https://as.example/?', 'as.example', ''])
    it(`RFC 8414 §2: of ${JSON.stringify(wrong)} there is none to show`, () =>
      assert.throws(
        () => issuer(wrong),
        ({ message }: Error) => message.endsWith(`, not ${JSON.stringify(wrong)}`),
      ));
  for (const right of [
    'https://as.example',
    'https://as.example/',
    'https://as.example:8443/a/b',
    'http://localhost:3000',
    'http://[::1]:3000/x',
  ])
    it(`RFC 8414 §2: ${right} is one`, () => void issuer(right));
});
