/** RFC 8414: the metadata document. */
import assert from 'node:assert/strict';
import {
  createServer,
  type Extension,
  exchange,
  grant,
  introspection,
  issuer,
  jwks,
  jwtResponses,
  type MetadataOptions,
  metadata,
  metadataPaths,
  type Plug as Plugged,
  pkce,
} from 'koauthorize';
import { generateSigningKey, keySet } from 'koauthorize/tokens';
import request from 'supertest';
import {
  type App,
  authorizationServer,
  ISSUER,
  plugAll,
  type Setup,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere, assertNoStore } from '../support/form.js';

type Plug = NonNullable<Setup['plug']>;

const PATH = '/.well-known/oauth-authorization-server';

function get(plug: Plug, options?: MetadataOptions, path = PATH) {
  const { app, errors } = authorizationServer({
    plug,
    routes: (router, server) => router.get(path, server.endpoint(metadata(options))),
  });
  return { errors, response: request(app.callback()).get(path) };
}

const everything: Plug = (server) => {
  plugAll(server);
  server.grant(grant.token(() => 'token')).grant('token code');
  server.exchange(exchange.password(() => 'token'));
  server.extend({ name: 'mode', responseModes: [{ name: 'web_message', send: () => {} }] });
  server.extend({
    name: 'device',
    exchanges: [{ name: 'urn:device', redeem: () => ({ issue: () => ({ access_token: 'a' }) }) }],
  });
};

interface Row {
  readonly title: string;
  readonly plug: Plug;
  readonly options?: MetadataOptions;
  readonly document: object;
}

const modes = ['query', 'fragment', 'form_post'];
const endpoints = {
  authorization_endpoint: '/authorize',
  token_endpoint: 'https://other.example/token',
  jwks_uri: '/jwks',
} as MetadataOptions;

const ROWS: readonly Row[] = [
  {
    title: '§2 says what is plugged in',
    plug: plugAll,
    document: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ['code'],
      response_modes_supported: modes,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    },
  },
  {
    title: '§2 says all that is plugged in, extensions’ too',
    plug: everything,
    document: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ['code', 'token', 'code token'],
      response_modes_supported: [...modes, 'web_message'],
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'password',
        'urn:device',
        'implicit',
      ],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    },
  },
  {
    title: '§2 takes URLs from the application; paths are below the issuer, its own path included',
    plug: (server) =>
      server
        .extend(issuer(`${ISSUER}/tenant`))
        .grant(grant.code(() => 'code'))
        .exchange(exchange.code(() => false)),
    options: endpoints,
    document: {
      issuer: `${ISSUER}/tenant`,
      authorization_endpoint: `${ISSUER}/tenant/authorize`,
      token_endpoint: 'https://other.example/token',
      jwks_uri: `${ISSUER}/tenant/jwks`,
      response_types_supported: ['code'],
      response_modes_supported: modes,
      grant_types_supported: ['authorization_code'],
      authorization_response_iss_parameter_supported: true,
    },
  },
  {
    title: '§2 lets the application’s members win over those derived, and adds any other',
    plug: (server) =>
      server
        .extend(issuer(ISSUER))
        .extend(pkce())
        .grant(grant.code(() => 'code'))
        .exchange(exchange.code(() => false)),
    options: {
      response_modes_supported: ['query'],
      scopes_supported: ['read'],
      service_documentation: '/docs',
      'x-mine': 1,
    } as MetadataOptions,
    document: {
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: ['read'],
      service_documentation: `${ISSUER}/docs`,
      'x-mine': 1,
    },
  },
  {
    title: '§2 takes the issuer from the application where issuer() is not plugged in',
    plug: (server) => server.grant(grant.code(() => 'code')).exchange(exchange.code(() => false)),
    options: { issuer: 'https://mine.example', token_endpoint: '/token' },
    document: {
      issuer: 'https://mine.example',
      authorization_endpoint: 'https://mine.example/authorize',
      token_endpoint: 'https://mine.example/token',
      response_types_supported: ['code'],
      response_modes_supported: modes,
      grant_types_supported: ['authorization_code'],
    },
  },
  {
    title: '§3.2 leaves out what has no elements, but for what is required',
    plug: (server) => server.extend(issuer(ISSUER)),
    options: { scopes_supported: [] },
    document: {
      issuer: ISSUER,
      response_types_supported: [],
      response_modes_supported: modes,
      authorization_response_iss_parameter_supported: true,
    },
  },
];

describe('RFC 8414 metadata', () => {
  for (const { title, plug, options, document } of ROWS) {
    it(title, async () => {
      const { body, status } = await get(plug, options).response;
      assert.equal(status, 200);
      assert.deepEqual(body, document);
    });
  }

  it('§3.2 is JSON, open to every origin, and may be kept', async () => {
    const { headers } = await get(plugAll).response;
    assert.match(headers['content-type'] ?? '', /^application\/json/);
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['access-control-allow-credentials'], undefined);
    assert.match(headers['cache-control'] ?? '', /^public, max-age=[1-9]\d*$/);
    assert.equal(headers['set-cookie'], undefined);
  });

  it('§2 what is signed for others is of use only with jwks_uri, which is told at start', async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const told = (...plugs: readonly Plugged[]) => {
      const server = createServer({ issuer: 'https://as.example', keys }).extend(...plugs);
      return server.check().findings.map(({ rule }) => rule);
    };
    const signedIntrospection = introspection(() => undefined, { jwtResponses: true });
    for (const signing of [jwtResponses(), signedIntrospection]) {
      assert.deepEqual(told(metadata(), signing), ['signed-without-jwks-uri']);
      assert.deepEqual(told(metadata(), signing, jwks()), []);
      assert.deepEqual(told(metadata({ jwks_uri: 'https://keys.example/jwks' }), signing), []);
    }
    assert.deepEqual(told(metadata()), []);
  });

  it('§3.1 is served where the application puts it: the well-known path comes before the issuer’s', async () => {
    const plug: Plug = (server) => server.extend(issuer(`${ISSUER}/tenant`));
    const { body, status } = await get(plug, {}, `${PATH}/tenant`).response;
    assert.deepEqual([status, body.issuer], [200, `${ISSUER}/tenant`]);
  });

  it('§2 without an issuer there is no document, and the operator is told', async () => {
    const { errors, response } = get((server) => server.grant(grant.code(() => 'code')));
    const answer = await response;
    assertErrorHere(answer, 500, 'server_error');
    assertNoStore(answer);
    assert.match(errors[0]?.message ?? '', /metadata needs an issuer/);
  });

  for (const other of ['https://other.example', `${ISSUER}/`, `${ISSUER}/tenant`]) {
    it(`§3.3 RFC 9207 §2.4 an issuer ${other} beside issuer('${ISSUER}') is a mistake of the operator’s, told at start`, () => {
      assert.throws(() => get(plugAll, { issuer: other }), /different issuers/);
    });
  }

  it('§3.3 RFC 9207 §2.4 or at the request, where issuer() is plugged in after the endpoint', async () => {
    const late = createServer<App, User>();
    const document = late.endpoint(metadata({ issuer: 'https://other.example' }));
    late.extend(issuer(ISSUER));
    const { app, errors } = authorizationServer({ routes: (router) => router.get(PATH, document) });
    assertErrorHere(await request(app.callback()).get(PATH), 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /different issuers/);
  });

  it('§2 two plugs that say the same of the server are an error of the operator, and no silent choice: at start', () => {
    const says = (name: string, scope: string) => ({ name, metadata: () => ({ scopes_supported: [scope] }) });
    const plug: Plug = (server) => server.extend(says('one', 'read')).extend(says('other', 'write'));
    assert.throws(() => get(plug), /one and other say different things in the metadata of "scopes_supported"/);
  });

  it('§2 and where one of them is an endpoint; the same may be said twice', () => {
    const says = (name: string, uri: string): Extension => ({ name, metadata: () => ({ jwks_uri: uri }) });
    assert.throws(
      () =>
        createServer()
          .extend(says('one', '/one'))
          .endpoint(jwks({ jwks: () => ({ keys: [] }) })),
      /one and jwks say different things in the metadata of "jwks_uri"/,
    );
    createServer().extend(says('one', '/one')).extend(says('other', '/one'));
  });

  const PATHS = [
    ['https://as.example', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
    ['https://as.example/', '/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
    [`${ISSUER}/a/b`, '/.well-known/oauth-authorization-server/a/b', '/a/b/.well-known/openid-configuration'],
  ] as const;
  for (const [at, own, openID] of PATHS) {
    it(`§3.1, §5 metadataPaths('${at}'): at /.well-known/openid-configuration only by the option`, async () => {
      assert.deepEqual(metadataPaths(at), [own]);
      assert.deepEqual(metadataPaths(at, { alsoOpenIDConfiguration: false }), [own]);
      const all = metadataPaths(at, { alsoOpenIDConfiguration: true });
      assert.deepEqual(all.slice(0, 2), [own, openID]);
      assert.deepEqual(all.slice(2), at.endsWith('/a/b') ? ['/.well-known/openid-configuration/a/b'] : []);
      const { app } = authorizationServer({
        plug: (server) => server.extend(issuer(at)).grant(grant.code(() => 'code')),
        routes: (router, server) =>
          router.all(metadataPaths(at, { alsoOpenIDConfiguration: true }), server.endpoint(metadata())),
      });
      const [first, second, third = second] = await Promise.all(
        all.map((path) => request(app.callback()).get(path).expect(200)),
      );
      assert.deepEqual(first?.body, second?.body);
      assert.deepEqual(first?.body, third?.body);
      assert.equal(first?.body.issuer, at);
      assert.deepEqual(
        Object.keys(second?.body ?? {}).filter((name) => /id_token|subject/.test(name)),
        [],
        'it promises no ID token',
      );
    });
  }

  it('§2 grant types that are answered by hand are listed too, and an extension may speak of itself', async () => {
    const { response } = get((server) => {
      plugAll(server);
      server.exchange('urn:own', (ctx) => {
        ctx.body = {};
      });
      server.extend({
        name: 'self',
        metadata() {
          return { scopes_supported: [this.name] };
        },
      });
    });
    const { body } = await response;
    assert.ok(body.grant_types_supported.includes('urn:own'), body.grant_types_supported);
    assert.deepEqual(body.scopes_supported, ['self']);
  });
});
