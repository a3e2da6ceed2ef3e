/** FAPI 2.0 Security Profile and Message Signing, by what certification asks of a server: examples/fapi, over TLS. The numbers are those of the list that certification goes by. */
import assert from 'node:assert/strict';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { clientKey } from '../support/dpop.js';
import { type Answer, type Departure, fapiClient, unguessable } from '../support/fapi-client.js';
import { CALLBACK, type FAPIServer, fetchOver, startFAPIServer } from '../support/fapi-server.js';
import { signer } from '../support/request-object.js';

const KEY_DPOP = { authentication: 'private_key_jwt', binding: 'dpop' } as const;
const KEY_MTLS = { authentication: 'private_key_jwt', binding: 'mtls' } as const;
const MTLS_MTLS = { authentication: 'tls_client_auth', binding: 'mtls' } as const;
const KINDS = [KEY_DPOP, KEY_MTLS, MTLS_MTLS, { authentication: 'tls_client_auth', binding: 'dpop' } as const];

type Client = Awaited<ReturnType<typeof fapiClient>>;

/** How many bits a text has, if each character is one that its alphabet allows. */
const bits = (text: unknown): number => String(text).length * 6;

function assertError({ status, body }: Answer, errors: readonly string[], what = ''): void {
  assert.ok(status === 400 || status === 401, `${what} ${status} ${JSON.stringify(body)}`);
  assert.ok(errors.includes(String(body['error'])), `${what} ${JSON.stringify(body)}`);
}

describe('FAPI 2.0, final, as certification asks', function () {
  this.timeout(60_000);
  let server: FAPIServer;
  let client: Client;
  before(async () => {
    server = await startFAPIServer();
    client = await fapiClient(server, KEY_DPOP);
  });
  after(() => server.stop());
  afterEach(() => {
    server.clock.ahead = 0;
  });

  it('no. 1: the metadata', async () => {
    const said = await client.metadata();
    assert.deepEqual(said['response_types_supported'], ['code']);
    assert.equal(said['authorization_response_iss_parameter_supported'], true);
    assert.match(String(said['pushed_authorization_request_endpoint']), /^https:/);
    assert.equal(said['require_pushed_authorization_requests'], true);
    assert.equal(said['tls_client_certificate_bound_access_tokens'], true);
    assert.deepEqual(said['code_challenge_methods_supported'], ['S256']);
    assert.deepEqual(said['token_endpoint_auth_methods_supported'], ['private_key_jwt', 'tls_client_auth']);
    for (const name of ['token_endpoint_auth', 'dpop'] as const)
      for (const alg of said[`${name}_signing_alg_values_supported`] as readonly string[])
        assert.match(alg, /^(PS256|ES256|EdDSA|Ed25519)$/, name);
    assert.ok((said['id_token_signing_alg_values_supported'] as readonly string[]).includes('ES256'));
    const aliases = said['mtls_endpoint_aliases'] as Record<string, string>;
    assert.equal(aliases['authorization_endpoint'], undefined);
    for (const url of Object.values(aliases)) assert.ok(url.startsWith(`${server.withCertificates}/`), url);
    const other = await fetchOver(server.ca)(`${server.issuer}/.well-known/openid-configuration`);
    assert.deepEqual(await other.json(), said, 'both documents agree');
  });

  describe('the login of the example', () => {
    /** A browser that has opened an authorization request, and its form. */
    async function atLogin() {
      const { body } = await client.par();
      const send = fetchOver(server.ca);
      const opened = await send(client.authorizeURL(body['request_uri']));
      const cookies = opened.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
      const html = await opened.text();
      const fieldNamed = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? '';
      const own = { csrf: fieldNamed('csrf'), transaction_id: fieldNamed('transaction_id') };
      const logIn = (form: object) => {
        const headers = { Cookie: cookies.join('; '), 'Content-Type': 'application/x-www-form-urlencoded' };
        const sent = String(new URLSearchParams({ ...own, ...form }));
        return send(`${server.issuer}/login`, { method: 'POST', headers, body: sent });
      };
      return { cookies, logIn };
    }
    /** The session in what a browser has, or was sent. */
    const sessionIn = (cookies: readonly string[]): string | undefined =>
      cookies.find((cookie) => cookie.startsWith('__Host-fapi='))?.split(/[=;]/)[1];

    it('a name that nobody has is refused, also without a password', async () => {
      const { logIn } = await atLogin();
      const wrong = [{ username: 'mallory' }, { username: 'mallory', password: 'any' }, { username: 'alice' }, {}];
      for (const form of wrong) {
        const response = await logIn(form);
        assert.equal(response.status, 403);
        assert.match(await response.text(), /Wrong user or password/, JSON.stringify(form)); // and not a form of another browser
      }
    });
    it('the session is another one afterwards: who knew the one before knows nothing', async () => {
      const { cookies, logIn } = await atLogin();
      const response = await logIn({ username: 'alice', password: 'wonderland' });
      assert.equal(response.status, 303);
      const [before, after] = [sessionIn(cookies), sessionIn(response.headers.getSetCookie())];
      assert.ok(before && after);
      assert.notEqual(after, before);
    });
    it('the session is not in the cookie, where a user could keep it', async () => {
      const { logIn } = await atLogin();
      const response = await logIn({ username: 'alice', password: 'wonderland' });
      const sent = sessionIn(response.headers.getSetCookie()) ?? '';
      assert.doesNotMatch(Buffer.from(sent, 'base64').toString(), /alice/);
    });
    it('§5.2.3 no. 1: every answer says that browsers never come without TLS', async () => {
      const { headers } = await fetchOver(server.ca)(`${server.issuer}/nowhere`);
      assert.match(headers.get('strict-transport-security') ?? '', /^max-age=[1-9]\d{6,}/);
    });
  });

  describe('no. 2: pushed requests', () => {
    for (const kind of KINDS)
      it(`by ${kind.authentication}: 201, an unguessable URI, good for a minute`, async () => {
        const { status, body, headers } = await (await fapiClient(server, kind)).par();
        assert.equal(status, 201, JSON.stringify(body));
        assert.ok(bits(String(body['request_uri']).split(':').at(-1)) > 128);
        assert.equal(body['expires_in'], 60);
        assert.match(headers.get('cache-control') ?? '', /no-store/);
      });
    const REFUSED = [
      ['request_uri in the form', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, ['invalid_request']],
      ['no redirect_uri', { redirect_uri: undefined }, ['invalid_request']],
      ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, ['invalid_request']],
      ['PKCE plain', { code_challenge_method: 'plain' }, ['invalid_request']],
      ['PKCE without a method, which means plain', { code_challenge_method: undefined }, ['invalid_request']],
      ['code id_token', { response_type: 'code id_token' }, ['invalid_request', 'unsupported_response_type']],
      ['token', { response_type: 'token' }, ['invalid_request', 'unsupported_response_type']],
      ['a redirect URI that was not registered', { redirect_uri: 'https://evil.example/' }, ['invalid_request']],
    ] as const;
    for (const [what, more, errors] of REFUSED)
      it(`${what}: refused`, async () => assertError(await client.par(more), errors));
    it('another method than POST: refused', async () => {
      for (const method of ['GET', 'PUT']) {
        const { status } = await client.par({}, { method });
        assert.ok(status >= 400, `${method}: ${status}`);
      }
    });
    it('a redirect URI with a query, as registered', async () => {
      const redirect_uri = `${CALLBACK}?dummy1=lorem&dummy2=ipsum`;
      const { body } = await client.par({ redirect_uri });
      const answer = await client.alice().answer(client.authorizeURL(body['request_uri']));
      assert.ok(answer.href.startsWith(redirect_uri) && answer.searchParams.has('code'), answer.href);
    });
    it('without client authentication: refused', async () => {
      assertError(await client.par({}, { authenticates: false }), ['invalid_client', 'invalid_request']);
    });
  });

  describe('no. 3: client assertions', () => {
    type Wrong = readonly [what: string, departure: (now: number) => Departure];
    const WRONG: readonly Wrong[] = [
      ['aud is a list of the issuer alone', () => ({ claims: { aud: [server.issuer] } })],
      ['aud is a list with another', () => ({ claims: { aud: [server.issuer, 'https://other.example'] } })],
      ['aud is the token endpoint', () => ({ claims: { aud: `${server.issuer}/token` } })],
      ['aud is the endpoint of pushed requests', () => ({ claims: { aud: `${server.issuer}/par` } })],
      ['aud is another', () => ({ claims: { aud: 'https://other.example' } })],
      ['no sub', () => ({ claims: { sub: undefined } })],
      ['exp 5 minutes past', (now) => ({ claims: { exp: now - 300, iat: now - 360 } })],
      ['nbf over 60 s ahead', (now) => ({ claims: { nbf: now + 65, exp: now + 200 } })],
      ['iat over 60 s ahead', (now) => ({ claims: { iat: now + 65, exp: now + 200 } })],
      ['no assertion, and client_id', () => ({ authenticates: false })],
    ];
    for (const [what, departure] of WRONG)
      it(`${what}: refused at PAR and at the token endpoint`, async () => {
        const code = await client.code();
        const wrong = departure(client.now());
        assertError(await client.par({}, wrong), ['invalid_client', 'invalid_request']);
        assertError(await client.redeem(code, wrong), ['invalid_client', 'invalid_request']);
        assert.equal((await client.redeem(code)).status, 200, 'and the code is not spent');
      });
    it('RS256, by a key that the client registered, too: invalid_client', async () => {
      const key = await signer('RS256', 'an RSA key');
      const { registered } = client;
      (registered.app as { jwks: object }).jwks = { keys: [...registered.key.jwks.keys, key.jwk] };
      assertError(await client.par({}, { signer: key }), ['invalid_client']);
      Object.assign(registered.app, { token_endpoint_auth_signing_alg: 'RS256' });
      assertError(await client.par({}, { signer: key }), ['invalid_client'], 'whatever its registration says');
      Object.assign(registered.app, { token_endpoint_auth_signing_alg: 'ES256', jwks: registered.key.jwks });
    });
    it('nbf and iat 8 s ahead: taken', async () => {
      const ahead = () => ({ claims: { nbf: client.now() + 8, iat: client.now() + 8 } });
      assert.equal((await client.par({}, ahead())).status, 201);
      assert.equal((await client.redeem(await client.code(), ahead())).status, 200);
    });
    it("client2's identifier, and an assertion for it by client1's key: refused", async () => {
      const code = await client.code();
      const second = server.other('private_key_jwt', 'dpop');
      const claims = { iss: second.id, sub: second.id };
      const wrong = { claims, header: { kid: second.key.kid } };
      assertError(await client.redeem(code, wrong, { client_id: second.id }), ['invalid_client', 'invalid_grant']);
    });
  });

  describe('no. 4: the authorization endpoint', () => {
    it('what stands beside request_uri is not used', async () => {
      const { body } = await client.par({ scope: 'openid accounts', nonce: 'inside', state: 'inside' });
      const url = client.authorizeURL(body['request_uri'], { nonce: 'outside', state: 'outside', scope: 'payments' });
      const answer = await client.alice().answer(url);
      assert.equal(answer.searchParams.get('state'), 'inside');
      const { body: tokens } = await client.redeem(answer.searchParams.get('code') ?? '');
      assert.deepEqual(
        [decodeJwt(String(tokens['id_token']))['nonce'], tokens['scope']],
        ['inside', 'openid accounts'],
      );
    });
    it('a state outside alone is not used, and without one none is returned', async () => {
      const { body } = await client.par({ state: undefined });
      const answer = await client.alice().answer(client.authorizeURL(body['request_uri'], { state: 'outside' }));
      assert.equal(answer.searchParams.has('state'), false);
    });
    it('a request that was not pushed: refused', async () => {
      const url = new URL(
        `${server.issuer}/authorize?${new URLSearchParams(client.request() as Record<string, string>)}`,
      );
      const response = await client.alice().open(url);
      const location = response.headers.get('location');
      if (location) assert.equal(new URL(location).searchParams.get('error'), 'invalid_request');
      else assert.equal(response.status, 400);
    });
    it('a request_uri of another client: no answer for that client', async () => {
      const second = await fapiClient(server, KEY_DPOP, server.other('private_key_jwt', 'dpop'));
      const { body } = await client.par();
      const response = await client.alice().open(second.authorizeURL(body['request_uri']));
      assert.deepEqual([response.status, response.headers.get('location')], [400, null]);
    });
    it('it can be opened twice before the answer, and not after it', async () => {
      const url = client.authorizeURL((await client.par()).body['request_uri']);
      const alice = client.alice();
      assert.equal((await alice.open(url)).status, 200);
      assert.ok((await alice.answer(url)).searchParams.has('code'));
      assert.equal((await alice.open(url)).status, 400);
    });
    it('after 60 s it is refused', async () => {
      const url = client.authorizeURL((await client.par()).body['request_uri']);
      server.clock.ahead = 60;
      assert.equal((await client.alice().open(url)).status, 400);
    });
    it('a nonce of 64 and of 384 characters, and a state of 1,000, come back whole', async () => {
      for (const [nonceLength, stateLength] of [
        [64, 64],
        [384, 1000],
      ] as const) {
        const [nonce, state] = [unguessable(nonceLength), unguessable(stateLength)];
        const { body } = await client.par({ scope: 'openid', nonce, state });
        const { searchParams } = await client.alice().answer(client.authorizeURL(body['request_uri']));
        assert.equal(searchParams.get('state'), state);
        const tokens = await client.redeem(searchParams.get('code') ?? '');
        assert.equal(decodeJwt(String(tokens.body['id_token']))['nonce'], nonce);
      }
    });
    it('iss is in the answer, also in a refusal, which has the state', async () => {
      for (const decision of ['allow', 'deny'] as const) {
        const url = client.authorizeURL((await client.par()).body['request_uri']);
        const { searchParams } = await client.alice().answer(url, decision);
        assert.equal(searchParams.get('iss'), server.issuer);
        assert.equal(searchParams.get('state'), 'a state');
        assert.equal(searchParams.get('error'), decision === 'deny' ? 'access_denied' : null);
      }
    });
  });

  describe('no. 5: codes', () => {
    it('after 62 s: invalid_grant', async () => {
      const code = await client.code();
      server.clock.ahead = 62;
      assertError(await client.redeem(code), ['invalid_grant']);
    });
    it('used again: invalid_grant, and the access token ends', async () => {
      const code = await client.code();
      const { body } = await client.redeem(code);
      assert.equal((await client.call(String(body['access_token']))).status, 200);
      assertError(await client.redeem(code), ['invalid_grant']);
      assert.equal((await client.call(String(body['access_token']))).status, 401);
    });
    it('of another client: invalid_grant', async () => {
      const second = await fapiClient(server, KEY_DPOP, server.other('private_key_jwt', 'dpop'));
      assertError(await second.redeem(await client.code()), ['invalid_grant']);
    });
    it('with another code_verifier, or none: invalid_grant', async () => {
      for (const code_verifier of ['x'.repeat(43), undefined])
        assertError(await client.redeem(await client.code(), {}, { code_verifier }), [
          'invalid_grant',
          'invalid_request',
        ]);
      assert.ok(bits(await client.code()) > 128);
    });
  });

  it('no. 6: the token response', async () => {
    for (const kind of KINDS) {
      const by = await fapiClient(server, kind);
      const plain = await by.tokens();
      assert.equal(plain['token_type'], kind.binding === 'dpop' ? 'DPoP' : 'Bearer');
      assert.deepEqual([plain['scope'], plain['expires_in'], 'id_token' in plain], ['accounts', 300, false]);
      assert.ok(bits(plain['access_token']) > 128);
      const { alg, kid } = decodeProtectedHeader(String((await by.tokens({ scope: 'openid accounts' }))['id_token']));
      assert.deepEqual([alg, typeof kid], ['ES256', 'string']);
    }
  });

  describe('no. 7: DPoP', () => {
    it('dpop_jkt, and a proof at PAR, bind the code to that key', async () => {
      const other = await clientKey();
      for (const [more, departure] of [
        [{ dpop_jkt: client.key.thumbprint }, {}],
        [{}, { proves: true }],
        [{ dpop_jkt: client.key.thumbprint }, { proves: true }],
      ] as const) {
        const wrong = await client.redeem(await client.code(more, departure), { key: other });
        assertError(wrong, ['invalid_grant', 'invalid_request', 'invalid_dpop_proof']);
        assert.equal((await client.redeem(await client.code(more, departure))).status, 200);
      }
    });
    it('dpop_jkt of another key than that of the proof: refused at PAR', async () => {
      const other = await clientKey();
      const answer = await client.par({ dpop_jkt: other.thumbprint }, { proves: true });
      assertError(answer, ['invalid_request', 'invalid_dpop_proof']);
    });
    it('no proof at the token endpoint: refused, and no bearer token is given', async () => {
      const answer = await client.redeem(await client.code(), { proves: false });
      assertError(answer, ['invalid_request', 'invalid_grant', 'invalid_dpop_proof']);
    });
    const TIMES = [
      ['iat 10 s past', (now: number) => ({ iat: now - 10 })],
      ['iat 8 s ahead', (now: number) => ({ iat: now + 8 })],
      ['nbf and exp', (now: number) => ({ nbf: now - 10, exp: now + 60, more: 'claims' })],
    ] as const;
    for (const [what, claims] of TIMES)
      it(`${what}: taken at PAR, at the token endpoint and at the API`, async () => {
        const departure = () => ({ proof: { claims: claims(client.now()) } });
        const { status, body } = await client.redeem(
          await client.code({}, { proves: true, ...departure() }),
          departure(),
        );
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal((await client.call(String(body['access_token']), departure())).status, 200);
      });
    it('at the API: the scheme in any letter case; Bearer is refused', async () => {
      const { access_token: token } = await client.tokens();
      for (const scheme of ['DPoP', 'dpop', 'DPOP', 'dPoP'])
        assert.equal((await client.call(String(token), {}, scheme)).status, 200, scheme);
      assert.equal((await client.call(String(token), {}, 'Bearer')).status, 401);
    });
    it('at the API: htu is compared without query and fragment, with case and default port made alike', async () => {
      const { access_token: token } = await client.tokens();
      const url = new URL(`${client.base}/accounts`);
      for (const htu of [`${url}?a=b`, `${url}#part`, String(url).replace('https://localhost', 'HTTPS://LOCALHOST')])
        assert.equal((await client.call(String(token), { proof: { claims: { htu } } })).status, 200, htu);
    });
    it('at the API: proofs that are wrong', async () => {
      const { access_token: token } = await client.tokens();
      const [other, rsa] = [await clientKey(), await clientKey('RS256')];
      const WRONG: readonly (readonly [string, Departure])[] = [
        ['another typ', { proof: { header: { typ: 'JWT' } } }],
        ['RS256', { key: rsa }],
        ['no jwk', { proof: { header: { jwk: undefined } } }],
        ['a private key', { proof: { header: { jwk: client.key.privateJWK } } }],
        ['no jti', { proof: { claims: { jti: undefined } } }],
        ['no htm', { proof: { claims: { htm: undefined } } }],
        ['no htu', { proof: { claims: { htu: undefined } } }],
        ['no iat', { proof: { claims: { iat: undefined } } }],
        ['no ath', { proof: { claims: { ath: undefined } } }],
        ['another htm', { proof: { claims: { htm: 'POST' } } }],
        ['another htu', { proof: { claims: { htu: 'https://other.example/accounts' } } }],
        ['another ath', { proof: { claims: { ath: 'x'.repeat(43) } } }],
        ['another key', { key: other }],
        ['another signature', { proof: { signedBy: other } }],
        ['an hour past', { proof: { claims: { iat: client.now() - 3600 } } }],
        ['an hour ahead', { proof: { claims: { iat: client.now() + 3600 } } }],
        ['no proof', { proves: false }],
        [
          'alg none',
          {
            proves: false,
            headers: { DPoP: `${Buffer.from('{"typ":"dpop+jwt","alg":"none"}').toString('base64url')}.e30.` },
          },
        ],
        ['two proofs', { proves: false, headers: { DPoP: 'a.b.c, d.e.f' } }],
      ];
      for (const [what, departure] of WRONG)
        assert.equal((await client.call(String(token), departure)).status, 401, what);
      const once = { proof: { claims: { jti: unguessable(20) } } };
      assert.equal((await client.call(String(token), once)).status, 200);
      assert.equal((await client.call(String(token), once)).status, 401, 'again');
    });
  });

  describe('no. 8: mutual TLS', () => {
    for (const kind of [KEY_MTLS, MTLS_MTLS])
      it(`${kind.authentication}: tokens are bound to the certificate; without it, and with another, they are refused`, async () => {
        const by = await fapiClient(server, kind);
        const second = server.other(kind.authentication, 'mtls');
        const { access_token: token } = await by.tokens();
        assert.equal((await by.call(String(token))).status, 200);
        for (const certificate of [false, second])
          assert.equal((await by.call(String(token), { certificate })).status, 401);
        const code = await by.code();
        const without = await by.redeem(code, { certificate: false });
        assertError(without, ['invalid_client', 'invalid_request', 'invalid_grant']);
        assert.equal((await by.redeem(code)).status, 200);
      });
    it('tls_client_auth with the certificate of another client: invalid_client', async () => {
      const by = await fapiClient(server, MTLS_MTLS);
      assertError(await by.par({}, { certificate: server.other('tls_client_auth', 'mtls') }), ['invalid_client']);
    });
  });

  it('no. 9: the API takes the headers of FAPI and strange Accept headers, has a Date, and takes no token in the query', async () => {
    const { access_token: token } = await client.tokens();
    const headers = {
      'x-fapi-auth-date': 'Tue, 11 Sep 2012 19:43:31 UTC',
      'x-fapi-customer-ip-address': '198.51.100.119',
      'x-fapi-interaction-id': 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
      accept: 'application/x-unlikely; q=0.1, */*',
    };
    const answer = await client.call(String(token), { headers });
    assert.equal(answer.status, 200);
    assert.ok(answer.headers.get('date'));
    const inQuery = await fetchOver(server.ca)(`${server.issuer}/accounts?access_token=${token}`);
    assert.ok([400, 401].includes(inQuery.status), String(inQuery.status));
  });

  it('no. 10: refresh tokens are not rotated, need authentication and a proof, and take another DPoP key', async () => {
    for (const kind of KINDS) {
      const by = await fapiClient(server, kind);
      const refresh_token = String((await by.tokens())['refresh_token']);
      const form = { grant_type: 'refresh_token', refresh_token };
      for (let time = 0; time < 2; time += 1) {
        const { status, body, headers } = await by.token(form);
        assert.deepEqual([status, 'refresh_token' in body], [200, false], JSON.stringify(body));
        assert.match(headers.get('cache-control') ?? '', /no-store/);
        server.clock.ahead = 40; // no grace, but the same token
      }
      server.clock.ahead = 0;
      if (kind.authentication === 'private_key_jwt')
        assertError(await by.token(form, { authenticates: false }), ['invalid_client', 'invalid_request']);
      else assertError(await by.token(form, { certificate: false }), ['invalid_client', 'invalid_request']);
      if (kind.binding === 'mtls') continue;
      assertError(await by.token(form, { proves: false }), ['invalid_dpop_proof', 'invalid_request']);
      assert.equal((await by.token(form, { key: await clientKey() })).status, 200);
    }
  });

  it('no. 12: claims_parameter_supported is true, and claims that are asked for are there', async () => {
    assert.equal((await client.metadata())['claims_parameter_supported'], true);
    const claims = JSON.stringify({ id_token: { auth_time: { essential: true } } });
    const tokens = await client.tokens({ scope: 'openid', claims });
    assert.equal(typeof decodeJwt(String(tokens['id_token']))['auth_time'], 'number');
  });

  it('no. 13: client credentials, bound, and by none of the wrong ways', async () => {
    for (const kind of KINDS) {
      const by = await fapiClient(server, kind);
      const form = { grant_type: 'client_credentials', scope: 'accounts' };
      const { body } = await by.token(form);
      assert.equal((await by.call(String(body['access_token']))).status, 200, JSON.stringify(body));
      assert.equal('refresh_token' in body, false);
      if (kind.binding === 'dpop')
        assertError(await by.token(form, { proves: false }), ['invalid_dpop_proof', 'invalid_request']);
      else assertError(await by.token(form, { certificate: false }), ['invalid_client', 'invalid_request']);
    }
  });

  describe('Message Signing', () => {
    let by: Client;
    before(async () => {
      by = await fapiClient(server, KEY_DPOP, server.client('private_key_jwt', 'dpop', 'signs'));
    });
    type Claims = Readonly<Record<string, unknown>>;
    async function push(claims: (now: number) => Claims = () => ({}), key = by.registered.key, header: object = {}) {
      const now = by.now();
      const about = { iss: by.registered.id, aud: server.issuer, nbf: now, iat: now, exp: now + 300 };
      const all = { ...about, ...by.request({ response_mode: 'jwt' }), ...claims(now) };
      const request = await new SignJWT(JSON.parse(JSON.stringify(all)))
        .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
        .sign(key.privateKey);
      return by.post('/par', { client_id: by.registered.id, request });
    }
    it('the metadata', async () => {
      const said = await by.metadata();
      for (const alg of said['request_object_signing_alg_values_supported'] as readonly string[])
        assert.match(alg, /^(PS256|ES256|EdDSA|Ed25519)$/);
      assert.ok((said['response_modes_supported'] as readonly string[]).includes('jwt'));
      assert.ok((said['authorization_signing_alg_values_supported'] as readonly string[]).includes('ES256'));
    });
    const TAKEN: readonly (readonly [string, (now: number) => Claims])[] = [
      ['as it should be', () => ({})],
      ['aud a list with the issuer', () => ({ aud: [server.issuer, 'https://other.example'] })],
      ['nbf 8 s ahead', (now) => ({ nbf: now + 8 })],
    ];
    for (const [what, claims] of TAKEN)
      it(`${what}: taken`, async () => {
        const { status, body } = await push(claims);
        assert.equal(status, 201, JSON.stringify(body));
      });
    const REFUSED: readonly (readonly [string, (now: number) => Claims])[] = [
      ['no nbf', () => ({ nbf: undefined })],
      ['no exp', () => ({ exp: undefined })],
      ['expired', (now) => ({ nbf: now - 400, iat: now - 400, exp: now - 100 })],
      ['nbf over 60 minutes ago', (now) => ({ nbf: now - 3700, iat: now - 3700, exp: now + 300 })],
      ['exp over 60 minutes after nbf', (now) => ({ exp: now + 3700 })],
      ['another aud', () => ({ aud: 'https://other.example' })],
      ['no aud', () => ({ aud: undefined })],
      ['request_uri in it', () => ({ request_uri: 'urn:ietf:params:oauth:request_uri:x' })],
    ];
    for (const [what, claims] of REFUSED)
      it(`${what}: invalid_request_object`, async () => assertError(await push(claims), ['invalid_request_object']));
    it('RS256, alg none, another signature: invalid_request_object', async () => {
      const rsa = await signer('RS256', 'rsa');
      const { app } = by.registered;
      Object.assign(app, {
        jwks: { keys: [...by.registered.key.jwks.keys, rsa.jwk] },
        request_object_signing_alg: 'RS256',
      });
      assertError(await push(undefined, rsa), ['invalid_request_object']);
      Object.assign(app, { jwks: by.registered.key.jwks, request_object_signing_alg: 'ES256' });
      const forger = { ...(await signer()), kid: by.registered.key.kid };
      assertError(await push(undefined, forger), ['invalid_request_object', 'invalid_request']);
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(by.request())).toString('base64url')}.`;
      assertError(await by.post('/par', { client_id: by.registered.id, request: none }), ['invalid_request_object']);
    });
    it('no object: invalid_request', async () =>
      assertError(await by.par({ response_mode: 'jwt' }), ['invalid_request']));
    it('JARM: iss, aud, exp, kid and the algorithm, also of a refusal', async () => {
      for (const decision of ['allow', 'deny'] as const) {
        const { body } = await push();
        const { searchParams } = await by.alice().answer(by.authorizeURL(body['request_uri']), decision);
        assert.deepEqual([...searchParams.keys()], ['response']);
        const response = searchParams.get('response') ?? '';
        const { alg, kid } = decodeProtectedHeader(response);
        const { iss, aud, exp = 0, ...rest } = decodeJwt(response);
        assert.deepEqual([alg, typeof kid, iss, aud], ['ES256', 'string', server.issuer, by.registered.id]);
        assert.ok(exp > by.now() + 10 && exp <= by.now() + 600);
        assert.deepEqual(
          [rest['error'], rest['state']],
          [decision === 'deny' ? 'access_denied' : undefined, 'a state'],
        );
      }
    });
  });
});
