/** RFC 8414 and OpenID Connect Discovery 1.0: what is announced works, and what works is announced. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { createServer, exchange, grant, jwks, metadata, openid, pkce, scopes } from 'koauthorize';
import { signJWT } from 'koauthorize/extending';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { JWT_BEARER } from '../support/assertion-server.js';
import { CALLBACK, ISSUER, redirected, VERIFIER } from '../support/authorization-server.js';
import {
  type Discovered,
  type DiscoveredServer,
  discoveredServer,
  FRONT,
  IDP,
  type Kind,
  OTHER_SERVER,
  SECRET,
} from '../support/discovered-server.js';
import { claimsOf, forged, type Signer, sign, signer } from '../support/request-object.js';

const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

interface Kit extends DiscoveredServer {
  readonly document: Readonly<Record<string, unknown>>;
  readonly keys: KeySet;
  readonly signer: Signer;
  readonly scope: string | undefined;
}
type Probe = (value: never, kit: Kit) => Promise<void> | void;

const now = () => Math.floor(Date.now() / 1000);
const verify = (jwt: unknown, { keys }: Kit) => jwtVerify(String(jwt), createLocalJWKSet(keys.jwks() as JSONWebKeySet));

const redeem = async (kit: Kit, params: Record<string, string> = {}, id = 'client') => {
  const { code } = redirected(await kit.ask({ client_id: id, scope: kit.scope, ...params }));
  const body = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  return (await kit.post('/token', body, id).expect(200)).body;
};

const isThere: Probe = async (url: string, { http }) => {
  assert.ok(url.startsWith(`${ISSUER}/`), url);
  const { status } = await http.get(url.slice(ISSUER.length));
  assert.ok([200, 302, 400, 401, 405].includes(status), `${url}: ${status}`);
};

/** How clients authenticate at an endpoint: by all methods that are announced, and by no other. */
const authenticates =
  (path: string, params: object): Probe =>
  async (methods: readonly string[], { http, post }) => {
    const form = () => http.post(path).type('form');
    const known: Record<string, () => Promise<Response>> = {
      client_secret_basic: async () => post(path, params),
      client_secret_post: async () => form().send({ ...params, client_id: 'client', client_secret: SECRET }),
      none: async () => form().send({ ...params, client_id: 'public' }),
    };
    for (const [method, send] of Object.entries(known)) {
      const { status, body } = await send();
      const isRefused = status === 401 || body.error === 'unauthorized_client' || body.error === 'invalid_client';
      assert.equal(!isRefused, methods.includes(method), `${path} ${method}: ${status} ${JSON.stringify(body)}`);
    }
    assert.deepEqual(
      methods.filter((method) => !known[method]),
      [],
    );
  };

/** What is signed by every algorithm that is announced, for a client that registered it. */
const signs =
  (jwtOf: (kit: Kit, id: string) => Promise<unknown>): Probe =>
  async (algorithms: readonly string[], kit) => {
    assert.ok(algorithms.length > 0 && !algorithms.includes('none'));
    assert.deepEqual(new Set(algorithms), new Set(kit.keys.jwks().keys.map(({ alg }) => alg)));
    for (const alg of algorithms) {
      const jwt = await jwtOf(kit, `alg-${alg}`);
      assert.equal(decodeProtectedHeader(String(jwt)).alg, alg);
      await verify(jwt, kit);
    }
  };

/** The client `logout` is told of a logout, and which session it was, if, and only if, that is announced. */
const tells =
  (channel: 'backchannel' | 'frontchannel', what: 'logout' | 'session'): Probe =>
  async (isSaid: boolean, kit) => {
    const { id_token } = await redeem(kit, {}, 'logout');
    const { body } = await kit.http.get('/logout').query({ id_token_hint: id_token }).expect(200);
    assert.equal(body.isOver, true);
    const [front] = body.frontChannel;
    const back = (await verify(kit.told.at(-1), kit)).payload;
    const isTold = channel === 'frontchannel' ? front.startsWith(FRONT) : back.aud === 'logout';
    const sid = channel === 'frontchannel' ? new URL(front).searchParams.get('sid') : back['sid'];
    assert.equal(isSaid, what === 'logout' ? isTold : sid === 'a session');
  };

/** A request for a user who is asked on their own device. */
const BACKCHANNEL = {
  scope: 'openid',
  login_hint: 'alice',
  user_code: '1234',
  client_notification_token: '8d67dc78-7faa-4d41-aabd-67707b374255',
};

const answersTo = (type: string): readonly string[] =>
  type.split(' ').map((word) => (word === 'token' ? 'access_token' : word));

const PROBES: Readonly<Record<string, Probe>> = {
  issuer: async (issuer: string, kit) => assert.equal(redirected(await kit.ask({ scope: kit.scope }))['iss'], issuer),
  authorization_endpoint: isThere,
  token_endpoint: isThere,
  introspection_endpoint: isThere,
  revocation_endpoint: isThere,
  pushed_authorization_request_endpoint: isThere,
  jwks_uri: isThere,
  service_documentation: (url: string) => assert.equal(url, `${ISSUER}/docs`),
  end_session_endpoint: isThere,
  backchannel_logout_supported: tells('backchannel', 'logout'),
  backchannel_logout_session_supported: tells('backchannel', 'session'),
  frontchannel_logout_supported: tells('frontchannel', 'logout'),
  frontchannel_logout_session_supported: tells('frontchannel', 'session'),
  async check_session_iframe(url: string, kit) {
    const { text } = await kit.http
      .get(url.slice(ISSUER.length))
      .expect(200)
      .expect('Content-Type', /^text\/html/);
    assert.match(text, /addEventListener\('message'/);
    assert.ok(redirected(await kit.ask({ scope: kit.scope }))['session_state']);
  },
  authorization_response_iss_parameter_supported: async (_: never, kit) =>
    assert.equal(redirected(await kit.ask({ response_type: 'nothing' }))['iss'], ISSUER),
  async response_types_supported(types: readonly string[], kit) {
    const all = ['code', 'token', 'code token', 'id_token', 'id_token token', 'code id_token', 'code id_token token'];
    for (const type of new Set([...all, ...types])) {
      const isAnnounced = types.some((each) => each.split(' ').sort().join() === type.split(' ').sort().join());
      const plain = type.includes('code') ? {} : { code_challenge: undefined, code_challenge_method: undefined };
      const sent = redirected(await kit.ask({ response_type: type, scope: kit.scope, ...plain }));
      if (isAnnounced)
        assert.deepEqual(
          answersTo(type).filter((name) => !sent[name]),
          [],
          `${type} ${sent['error_description']}`,
        );
      else assert.equal(sent['error'], 'unsupported_response_type', type);
    }
  },
  async response_modes_supported(modes: readonly string[], kit) {
    for (const mode of [...modes, 'web_message']) {
      const answer = await kit.ask({ response_mode: mode, scope: kit.scope });
      const text = `${answer.headers['location']} ${answer.text}`;
      assert.equal(
        /[?&#]code=|name="code"|response=|name="response"/.test(text),
        modes.includes(mode),
        `${mode}: ${text}`,
      );
    }
  },
  async grant_types_supported(types: readonly string[], { post, document }) {
    for (const type of [...types, 'password', 'urn:ietf:params:oauth:grant-type:device_code']) {
      if (type === 'implicit') continue; // is no grant of the token endpoint
      const { body } = await post('/token', { grant_type: type });
      assert.equal(body.error !== 'unsupported_grant_type', types.includes(type), type);
    }
    const isImplicit = (document['response_types_supported'] as string[]).some((type) => /token/.test(type));
    assert.equal(types.includes('implicit'), isImplicit);
  },
  async scopes_supported(words: readonly string[], kit) {
    for (const word of words) assert.equal(redirected(await kit.ask({ scope: word }))['error'], undefined, word);
    assert.equal(redirected(await kit.ask({ scope: 'unknown' }))['error'], 'invalid_scope');
    assert.equal(words.includes('openid'), 'id_token_signing_alg_values_supported' in kit.document);
  },
  async code_challenge_methods_supported(methods: readonly string[], kit) {
    assert.deepEqual(methods, ['S256']);
    await redeem(kit);
    const plain = { code_challenge: VERIFIER, code_challenge_method: 'plain', scope: kit.scope };
    assert.equal(redirected(await kit.ask(plain))['error'], 'invalid_request');
  },
  token_endpoint_auth_methods_supported: authenticates('/token', { grant_type: 'authorization_code', code: 'x' }),
  introspection_endpoint_auth_methods_supported: authenticates('/introspect', { token: 'x' }),
  revocation_endpoint_auth_methods_supported: authenticates('/revoke', { token: 'x' }),
  authorization_signing_alg_values_supported: signs(async (kit, id) => {
    const answer = await kit.ask({ client_id: id, response_mode: 'query.jwt', scope: kit.scope });
    return redirected(answer)['response'];
  }),
  introspection_signing_alg_values_supported: signs(async ({ post }, id) => {
    const accept = 'application/token-introspection+jwt';
    return (await post('/introspect', { token: 'x' }, id).set('Accept', accept).buffer().expect(200)).text;
  }),
  id_token_signing_alg_values_supported: signs(async (kit, id) => (await redeem(kit, {}, id)).id_token),
  async request_parameter_supported(isSupported: boolean, kit) {
    const object = await sign(claimsOf('client', now(), { scope: kit.scope }), kit.signer);
    const sent = redirected(await kit.ask({ request: object }));
    assert.equal(Boolean(sent['code']), isSupported, JSON.stringify(sent));
    assert.equal(sent['error'], isSupported ? undefined : 'request_not_supported');
  },
  async request_uri_parameter_supported(isSupported: boolean, kit) {
    assert.equal(isSupported, false);
    const { body, headers } = await kit.ask({ request_uri: 'https://client.example/request.jwt' });
    const error = body.error ?? redirected({ headers })['error'];
    assert.match(error, /^(?:request_uri_not_supported|invalid_request_uri)$/); // RFC 9126: only of this server's own are taken
  },
  async request_object_signing_alg_values_supported(algorithms: readonly string[], { ask }) {
    assert.deepEqual(algorithms, ['ES256']);
    const unsigned = forged({ alg: 'none' }, claimsOf('client', now()));
    const { body, headers } = await ask({ request: unsigned });
    assert.equal(body.error ?? redirected({ headers })['error'], 'invalid_request_object');
  },
  require_signed_request_object: async (isRequired: boolean, kit) =>
    assert.equal(Boolean(redirected(await kit.ask({ scope: kit.scope }))['code']), !isRequired),
  require_pushed_authorization_requests: async (isRequired: boolean, kit) =>
    assert.equal(Boolean(redirected(await kit.ask({ scope: kit.scope }))['code']), !isRequired),
  async claims_parameter_supported(isSupported: boolean, kit) {
    const claims = JSON.stringify({ id_token: { sub: { value: 'somebody else' } } });
    const { code } = redirected(await kit.ask({ scope: kit.scope, claims }));
    assert.equal(code === undefined, isSupported, 'it is read');
  },
  userinfo_endpoint: isThere,
  userinfo_signing_alg_values_supported: signs(async (kit, id) => {
    const { access_token: token } = await redeem(kit, {}, id);
    return (await kit.http.get('/userinfo').set('Authorization', `Bearer ${token}`).buffer().expect(200)).text;
  }),
  async claims_supported(names: readonly string[], kit) {
    const claims = JSON.stringify({ userinfo: Object.fromEntries([...names, 'name'].map((name) => [name, null])) });
    const { access_token: token } = await redeem(kit, { claims });
    const { body } = await kit.http.get('/userinfo').set('Authorization', `Bearer ${token}`).expect(200);
    assert.deepEqual(Object.keys(body), names);
  },
  async authorization_grant_profiles_supported(profiles: readonly string[], { post, document, signer }) {
    assert.deepEqual(profiles, ['urn:ietf:params:oauth:grant-profile:id-jag']);
    const about = { iss: IDP, sub: 'alice', aud: document['issuer'], iat: now(), exp: now() + 60 };
    const present = async (typ: string) => {
      const assertion = await sign({ ...about, client_id: 'client', jti: randomUUID() }, signer, { typ });
      return (await post('/token', { grant_type: JWT_BEARER, assertion })).body;
    };
    assert.ok((await present('oauth-id-jag+jwt')).access_token);
    assert.equal((await present('JWT')).error, 'invalid_grant');
  },
  async identity_chaining_requested_token_types_supported(types: readonly string[], { post, document, keys }) {
    const type = 'urn:ietf:params:oauth:token-type:';
    assert.deepEqual(types, [`${type}id-jag`]);
    const about = { iss: document['issuer'], sub: 'alice', aud: 'client', iat: now(), exp: now() + 60 };
    const subject_token = await signJWT(keys.signing(), about, 'JWT');
    const exchange = async (requested_token_type: string) => {
      const grant_type = 'urn:ietf:params:oauth:grant-type:token-exchange';
      const subject = { subject_token, subject_token_type: `${type}id_token`, audience: OTHER_SERVER };
      return (await post('/token', { grant_type, requested_token_type, ...subject })).body;
    };
    assert.equal((await exchange(`${type}id-jag`)).issued_token_type, `${type}id-jag`);
    assert.equal((await exchange(`${type}saml2`)).error, 'invalid_request');
  },
  async client_id_metadata_document_supported(isSupported: boolean, { ask, scope }) {
    const { code } = redirected(await ask({ client_id: 'https://client.example/client.json', scope }));
    assert.equal(code !== undefined, isSupported);
  },
  backchannel_authentication_endpoint: isThere,
  async backchannel_token_delivery_modes_supported(modes: readonly string[], { post }) {
    for (const mode of ['poll', 'ping', 'push']) {
      const { body } = await post('/backchannel_authentication', BACKCHANNEL, `ciba-${mode}`);
      assert.equal(body.auth_req_id !== undefined, modes.includes(mode), `${mode}: ${body.error}`);
      assert.equal(body.error, modes.includes(mode) ? undefined : 'unauthorized_client');
    }
  },
  async backchannel_authentication_request_signing_alg_values_supported(algorithms: readonly string[], kit) {
    assert.deepEqual(algorithms, ['ES256']);
    const about = { iss: 'ciba-signed', aud: ISSUER, iat: now(), nbf: now(), exp: now() + 60, jti: randomUUID() };
    const claims = { ...about, ...BACKCHANNEL };
    const send = async (request: string) =>
      (await kit.post('/backchannel_authentication', { request }, 'ciba-signed')).body;
    assert.equal((await send(forged({ alg: 'none' }, claims))).error, 'invalid_request');
    assert.ok((await send(await sign(claims, kit.signer))).auth_req_id);
  },
  async backchannel_user_code_parameter_supported(isSupported: boolean, { post }) {
    const { body } = await post('/backchannel_authentication', { ...BACKCHANNEL, user_code: undefined }, 'ciba-poll');
    assert.equal(body.error === 'missing_user_code', isSupported);
  },
  async registration_endpoint(url: string, { http, ask, scope }) {
    const sent = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
    const { body } = await http.post(url.slice(ISSUER.length)).send(sent).expect(201);
    assert.ok(redirected(await ask({ client_id: body.client_id, scope }))['code']);
  },
  claim_types_supported: (types: readonly string[]) => assert.deepEqual(types, ['normal']),
  async prompt_values_supported(values: readonly string[], kit) {
    for (const prompt of [...values, 'create']) {
      const answer = await kit.ask({ scope: kit.scope, prompt });
      const { error } = redirected(answer);
      assert.equal(error === undefined, values.includes(prompt), `${prompt}: ${error}`);
    }
  },
  async subject_types_supported(types: readonly string[], kit) {
    assert.deepEqual(types, ['public']);
    const [one, two] = [await redeem(kit), await redeem(kit, {}, 'another')];
    const subs = await Promise.all([one, two].map(async ({ id_token }) => (await verify(id_token, kit)).payload.sub));
    assert.deepEqual(subs, ['alice', 'alice']);
  },
};

describe('the metadata document', () => {
  let keys: KeySet;
  let own: Signer;
  before(async () => {
    keys = await keySet({ signing: [await generateSigningKey('RS256'), await generateSigningKey('ES256')] });
    own = await signer();
  });
  const made = (kind: Kind, more: Partial<Discovered> = {}) => discoveredServer({ kind, keys, signer: own, ...more });

  for (const kind of ['plain OAuth server', 'OpenID Provider'] as const) {
    it(`RFC 8414 §2, Discovery §3 of a ${kind}: each member is true, and has a test`, async () => {
      const server = made(kind);
      const document: Record<string, unknown> = (await server.http.get(OAUTH).expect(200)).body;
      assert.deepEqual(
        Object.keys(document).filter((name) => !PROBES[name]),
        [],
        'members without a test',
      );
      const scope = kind === 'OpenID Provider' ? 'openid' : 'read';
      for (const [name, value] of Object.entries(document))
        await PROBES[name]?.(value as never, { ...server, document, keys, signer: own, scope });
    });
  }

  it('Discovery §3 without request objects, both parameters are said to be unsupported, and are refused', async () => {
    const server = made('OpenID Provider', { withObjects: false });
    const { body } = await server.http.get(OPENID).expect(200);
    assert.deepEqual([body.request_parameter_supported, body.request_uri_parameter_supported], [false, false]);
    for (const name of ['request_parameter_supported', 'request_uri_parameter_supported'])
      await PROBES[name]?.(false as never, { ...server, document: body, keys, signer: own, scope: 'openid' });
  });

  it('Back-Channel Logout §2.1, Front-Channel Logout §3 sessions are not announced where the application says nothing of logins', async () => {
    const server = made('OpenID Provider', { knowsLogins: false });
    const { body } = await server.http.get(OPENID).expect(200);
    for (const channel of ['backchannel', 'frontchannel'] as const) {
      const name = `${channel}_logout_session_supported`;
      assert.equal(body[name], false);
      await PROBES[name]?.(false as never, { ...server, document: body, keys, signer: own, scope: 'openid' });
    }
  });

  it('Discovery §4 is the same at both places, may be read by scripts of every origin, and may be kept', async () => {
    const { http } = made('OpenID Provider');
    const [one, two] = [await http.get(OAUTH).expect(200), await http.get(OPENID).expect(200)];
    assert.deepEqual(one.body, two.body);
    for (const { headers } of [one, two]) {
      assert.match(headers['content-type'] ?? '', /^application\/json/);
      assert.equal(headers['access-control-allow-origin'], '*');
      assert.equal(headers['cache-control'], 'public, max-age=3600');
    }
    await http
      .options(OPENID)
      .set('Origin', 'https://spa.example')
      .set('Access-Control-Request-Method', 'GET')
      .expect(204);
  });

  it('Discovery §4.1 is below the path of the issuer, where server.mount puts it, too', async () => {
    const { http } = made('OpenID Provider', { issuer: `${ISSUER}/tenant` });
    const { body } = await http.get(`/tenant${OPENID}`).expect(200);
    assert.equal(body.issuer, `${ISSUER}/tenant`);
    await http.get(OPENID).expect(404);
  });

  it('Discovery §4 a plain OAuth server is not mounted at the place of OpenID Connect', async () => {
    await made('plain OAuth server').http.get(OPENID).expect(404);
  });

  it('leaves out members by name, and what they describe goes on working', async () => {
    const leaveOut = ['prompt_values_supported', 'require_signed_request_object'];
    const { http } = made('OpenID Provider', { serving: { leaveOut } });
    const [whole, less] = [(await made('OpenID Provider').http.get(OPENID)).body, (await http.get(OPENID)).body];
    for (const name of leaveOut) delete whole[name];
    assert.deepEqual(less, whole);
    assert.throws(() => metadata({}, { leaveOut: ['issuer'] }), /cannot leave out issuer/);
    assert.throws(() => metadata({}, { leaveout: [] } as object), /no option leaveout/);
  });

  describe('Discovery §3 of an OpenID Provider that clients could not use is an error at start', () => {
    const provider = () =>
      createServer({ issuer: ISSUER, keys })
        .grant(grant.code(() => 'code'))
        .extend(pkce())
        .extend(openid());
    const rows: readonly [what: string, lacks: RegExp, make: () => { check(): unknown }][] = [
      ['without keys', /jwks_uri: plug in jwks/, () => provider().exchange(exchange.code(() => false))],
      ['without a token endpoint', /token_endpoint/, () => provider().extend(jwks())],
      [
        'whose scopes lack openid',
        /openid in scopes_supported/,
        () =>
          provider()
            .exchange(exchange.code(() => false))
            .extend(jwks())
            .extend(scopes(['read'])),
      ],
    ];
    for (const [what, lacks, make] of rows)
      it(what, () => {
        const server = make() as ReturnType<typeof provider>;
        assert.throws(() => server.extend(metadata()).check(), lacks);
      });

    it('and says that it has openid among its scopes, where nobody names them', async () => {
      const server = provider()
        .exchange(exchange.code(() => false))
        .extend(jwks())
        .extend(metadata());
      server.check();
    });
  });
});
