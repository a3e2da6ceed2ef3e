/** OpenID Connect Core §3.1.2.1, §5.5, §6, §11: the parameters of the request. */
import assert from 'node:assert/strict';
import { type CryptoKey, importJWK, SignJWT } from 'jose';
import session from 'koa-session';
import { openid, pushedRequests, type Refusal, requestObjects } from 'koauthorize';
import { generateSigningKey, jwt, type KeySet, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import { sessionStore } from '../../../examples/quickstart/data.js';
import { type App, CLIENT, ISSUER, OTHER, redirected, type User } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { type OpenIDSetup, openidServer, rsaKey, rsaKeys } from '../../support/openid-server.js';

describe('OpenID Connect Core §3.1.2.1: the parameters of the request', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  const made = (setup: Partial<OpenIDSetup> = {}) => openidServer({ keys, ...setup });

  const CLAIMS = { userinfo: { name: { essential: true }, email: null }, id_token: { picture: null } };

  for (const how of ['open', 'post'] as const) {
    it(`what the pages need is in txn, by ${how === 'open' ? 'GET' : 'POST'}`, async () => {
      const sent = {
        nonce: 'n',
        display: 'popup',
        login_hint: 'alice@example.com',
        ui_locales: 'se fr-CA en',
        claims_locales: 'de',
        acr_values: 'mfa pwd',
        prompt: 'login consent',
        max_age: '60',
        claims: JSON.stringify(CLAIMS),
      };
      const { req } = (await made().visitor()[how](sent).expect(200)).body;
      const { nonce, display, loginHint, uiLocales, claimsLocales, acrValues, prompt, maxAge, claims } = req;
      assert.deepEqual(
        { nonce, display, loginHint, uiLocales, claimsLocales, acrValues, prompt, maxAge, claims },
        {
          nonce: 'n',
          display: 'popup',
          loginHint: 'alice@example.com',
          uiLocales: ['se', 'fr-CA', 'en'],
          claimsLocales: ['de'],
          acrValues: ['mfa', 'pwd'],
          prompt: ['login', 'consent'],
          maxAge: 60,
          claims: CLAIMS,
        },
      );
    });
  }

  const noErrors: readonly [what: string, params: Record<string, string>][] = [
    ['a display that nobody knows', { display: 'hologram' }],
    ['languages that are none', { ui_locales: 'x_y <script> se', claims_locales: `${'a'.repeat(36)} *` }],
    ['more languages than anybody speaks', { ui_locales: Array.from({ length: 500 }, (_, n) => `l${n}`).join(' ') }],
    ['a hint that is too long', { login_hint: 'a'.repeat(5000) }],
    ['acr_values that no login here has', { acr_values: 'gold' }],
    ['a claim that nobody has, as an essential one', { claims: '{"userinfo":{"blood_type":{"essential":true}}}' }],
    ['members of claims that nobody knows', { claims: '{"vp_token":{"x":1},"id_token":{"name":{"purpose":"y"}}}' }],
    ['a value of acr, as a voluntary claim', { claims: '{"id_token":{"acr":{"values":["gold"]}}}' }],
    ['parameters that nobody knows', { extra: 'foobar' }],
    ['no nonce', {}],
  ];
  for (const [what, params] of noErrors) {
    it(`is no error: ${what}`, async () => {
      const { visitor } = made({ openid: { acrValues: ['pwd', 'mfa'] } });
      const { prompts, req } = (await visitor().open(params, 'alice').expect(200)).body;
      assert.deepEqual(prompts, ['consent']);
      assert.ok((req.uiLocales ?? []).length <= 20);
      assert.deepEqual([req.display, req.loginHint, req.claimsLocales], [undefined, undefined, undefined]);
    });
  }

  const errors: readonly [what: string, params: Record<string, string | readonly string[]>, error?: string][] = [
    ['prompt=none beside another word', { prompt: 'none login' }],
    ['a prompt that the pages do not have', { prompt: 'create' }],
    ['a prompt that nobody knows', { prompt: 'dance' }],
    ['max_age that is no number', { max_age: '1.5' }],
    ['a nonce without measure', { nonce: 'n'.repeat(1025) }],
    ['a nonce twice', { nonce: ['a', 'b'] }],
    ['a prompt twice', { prompt: ['login', 'login'] }],
    ['claims that are no JSON', { claims: '{' }],
    ['claims that are no object', { claims: '[]' }],
    ['a member of claims that is no object', { claims: '{"userinfo":"name"}' }],
    ['a claim request that is no object', { claims: '{"id_token":{"name":true}}' }],
    ['essential that is no boolean', { claims: '{"id_token":{"name":{"essential":"yes"}}}' }],
    ['values that are no array', { claims: '{"id_token":{"acr":{"values":"x"}}}' }],
    ['claims that are too deep', { claims: `{"id_token":{"a":{"value":${'['.repeat(40)}${']'.repeat(40)}}}}` }],
    ['claims without measure', { claims: JSON.stringify({ userinfo: { a: { value: 'x'.repeat(9000) } } }) }],
    [
      'more claims than there are',
      { claims: JSON.stringify({ userinfo: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, null])) }) },
    ],
    [
      'more values than there are',
      { claims: JSON.stringify({ id_token: { a: { values: Array.from({ length: 101 }, () => 0) } } }) },
    ],
    [
      'an essential acr that no login here has',
      { claims: '{"id_token":{"acr":{"essential":true,"value":"gold"}}}' },
      'unmet_authentication_requirements',
    ],
    ['a hint that is no ID token', { id_token_hint: 'x.y.z' }],
    ['a registration on the way: §7.2.1', { registration: '{}' }, 'registration_not_supported'],
  ];
  for (const [what, params, error = 'invalid_request'] of errors) {
    it(`is an error, and state comes back: ${what}`, async () => {
      const { visitor } = made({ openid: { acrValues: ['pwd', 'mfa'] } });
      const sent = redirected(await visitor().open(params, 'alice').expect(302));
      assert.deepEqual([sent['error'], sent['state']], [error, 'a state']);
    });

    it(`without the scope openid the request is one of OAuth 2.0, and is not looked at: ${what}`, async () => {
      const single = Object.values(params).every((value) => typeof value === 'string');
      const { visitor } = made({ openid: { acrValues: ['pwd', 'mfa'] } });
      await visitor()
        .open({ ...params, scope: 'read' }, 'alice')
        .expect(single ? 200 : 302);
    });
  }

  it('§5.5 claims of 8192 characters are read, and longer ones are not, however much room the session has', async () => {
    const { visitor } = made({ session: (app) => session({ store: sessionStore() }, app) });
    const claims = (size: number) => `{"userinfo":{"a":{"value":"${'x'.repeat(size - 31)}"}}}`;
    assert.equal(claims(8192).length, 8192);
    await visitor()
      .open({ claims: claims(8192) }, 'alice')
      .expect(200);
    const sent = redirected(await visitor().open({ claims: claims(8193) }, 'alice'));
    assert.equal(sent['error_description'], 'The parameter claims cannot be read');
  });

  it('claims that have no room in a session in a cookie are an error that says so, and the dialogs that wait there go on', async () => {
    const { visitor } = made();
    const { open, decide, resume } = visitor();
    const { transactionID } = (await open({}, 'alice').expect(200)).body;
    const claims = `{"userinfo":{"a":{"value":"${'x'.repeat(8000)}"}}}`;
    const sent = redirected(await open({ claims }, 'alice').expect(302));
    assert.deepEqual(
      [sent['error'], sent['error_description']],
      ['invalid_request', 'The authorization request is too large for the session in a cookie'],
    );
    await resume(transactionID, 'alice').expect(200);
    assert.ok(redirected(await decide(transactionID, 'alice'))['code']);
  });

  it('Registration §2: a client whose algorithm no key signs by is refused before the user is asked, and the operator is told why', async () => {
    for (const member of ['id_token_signed_response_alg', 'userinfo_signed_response_alg'])
      for (const alg of ['HS256', 'ES256', 'none', '', 5]) {
        const { app, visitor } = made({ clients: [{ ...CLIENT, [member]: alg }] });
        const refusals: Refusal[] = [];
        app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
        const { error } = redirected(await visitor().open({}, 'alice').expect(302));
        assert.equal(error, 'unauthorized_client', `${member} ${alg}`);
        assert.match(String(refusals[0]?.reason), /no key of createServer\(\{ keys \}\) signs by it/);
        await visitor().open({ scope: 'read' }, 'alice').expect(200);
      }
    const fitting = { id_token_signed_response_alg: 'RS256', userinfo_signed_response_alg: 'RS256' };
    await made({ clients: [{ ...CLIENT, ...fitting }] })
      .visitor()
      .open({}, 'alice')
      .expect(200);
  });

  it('a claim with the name __proto__ is ignored, and sets no prototype', async () => {
    const claims = '{"id_token":{"__proto__":{"essential":true},"name":null}}';
    const { req } = (await made().visitor().open({ claims }, 'alice').expect(200)).body;
    assert.deepEqual(req.claims, { id_token: { name: null } });
  });

  it('nothing stays of what OpenID Connect has where the scope has no openid', async () => {
    const params = { nonce: 'n', prompt: 'login', login_hint: 'a', max_age: '0', scope: 'read' };
    const { req, prompts } = (await made().visitor().open(params, 'alice').expect(200)).body;
    assert.deepEqual(
      [Object.keys(req).sort(), prompts],
      [['clientID', 'codeChallenge', 'codeChallengeMethod', 'redirectURI', 'scope', 'state', 'type'], ['consent']],
    );
  });

  describe('§6.1, §6.2: request objects, without an extension that reads them', () => {
    for (const name of ['request', 'request_uri'] as const) {
      it(`${name} is refused, and not ignored`, async () => {
        const { visitor } = made();
        for (const scope of ['openid', 'read']) {
          const { error } = redirected(
            await visitor()
              .open({ [name]: 'https://x.example/', scope }, 'alice')
              .expect(302),
          );
          assert.equal(error, `${name}_not_supported`);
        }
      });

      it(`${name} with a redirect URI outside of it that is not registered: an error page`, async () => {
        const response = await made()
          .visitor()
          .open({ [name]: 'x', redirect_uri: 'https://evil.example/' }, 'alice');
        assertErrorHere(response, 400, 'invalid_request');
      });
    }

    it('with requestObjects() it says what is wrong itself', async () => {
      const { visitor } = made({ plug: (as) => as.extend(requestObjects()).extend(pushedRequests()) });
      assertErrorHere(await visitor().open({ request: 'x' }, 'alice'), 400, 'invalid_request_object');
      const unknown = redirected(await visitor().open({ request_uri: 'urn:unknown' }, 'alice').expect(302));
      assert.equal(unknown['error'], 'invalid_request_uri');
    });
  });

  describe('Registration §2: what a client registered counts where it asks for nothing', () => {
    it('default_max_age and default_acr_values', async () => {
      const client = { ...CLIENT, default_max_age: 30, default_acr_values: ['mfa'] };
      const { visitor } = made({ clients: [client] });
      const { req } = (await visitor().open({}, 'alice').expect(200)).body;
      assert.deepEqual([req.maxAge, req.acrValues], [30, ['mfa']]);
      const { req: asked } = (await visitor().open({ max_age: '5', acr_values: 'pwd' }, 'alice').expect(200)).body;
      assert.deepEqual([asked.maxAge, asked.acrValues], [5, ['pwd']]);
    });

    it('id_token_encrypted_response_alg cannot be obeyed: the client is refused', async () => {
      const client = { ...CLIENT, id_token_encrypted_response_alg: 'RSA-OAEP' };
      const { visitor } = made({ clients: [client] });
      assert.equal(redirected(await visitor().open({}, 'alice').expect(302))['error'], 'unauthorized_client');
    });
  });

  describe('§11: offline_access', () => {
    const scopeFor = async (params: object, setup: Partial<OpenIDSetup> = {}): Promise<readonly string[]> => {
      const response = await made(setup)
        .visitor()
        .open({ nonce: 'n', scope: 'openid offline_access read', ...params }, 'alice');
      return response.body.req?.scope;
    };
    const IGNORED = ['openid', 'read'];
    const KEPT = ['openid', 'offline_access', 'read'];

    it('is ignored without prompt=consent', async () => {
      assert.deepEqual(await scopeFor({}), IGNORED);
      assert.deepEqual(await scopeFor({ prompt: 'login' }), IGNORED);
      assert.deepEqual(await scopeFor({ prompt: 'login consent' }), KEPT);
    });

    it('is ignored where no code results', async () => {
      const openid = { responseTypes: ['id_token', 'code id_token'] } as const;
      const implicit = { code_challenge: undefined, code_challenge_method: undefined, prompt: 'consent' };
      assert.deepEqual(await scopeFor({ ...implicit, response_type: 'id_token' }, { openid }), IGNORED);
      assert.deepEqual(await scopeFor({ prompt: 'consent', response_type: 'code id_token' }, { openid }), KEPT);
    });

    it('is kept without consent for clients of which allowOfflineWithoutConsent says true', async () => {
      const allow = (answer: unknown) => ({ openid: { allowOfflineWithoutConsent: () => answer as boolean } });
      assert.deepEqual(await scopeFor({}, allow(true)), KEPT);
      assert.deepEqual(await scopeFor({}, allow('yes')), IGNORED);
    });

    it('is a word like others where the scope has no openid', async () => {
      assert.deepEqual(await scopeFor({ scope: 'offline_access read' }), ['offline_access', 'read']);
    });
  });

  describe('id_token_hint', () => {
    const hinted = (server: ReturnType<typeof made>, id_token_hint: string) =>
      server.visitor().open({ id_token_hint }, 'alice');

    it('of ours is taken: also after it has expired, and after the key that signed it was replaced', async () => {
      const rsa = await rsaKey();
      const old = await generateSigningKey('ES256');
      const rotating = await keySet({ signing: [rsa, old] });
      const client = { ...CLIENT, id_token_signed_response_alg: 'ES256' };
      const server = made({ keys: rotating, clients: [client] });
      const { id_token } = await server.connect();
      server.clock.now += 100_000;
      const current = await generateSigningKey('ES256');
      await rotating.rotate({ signing: [rsa, current], published: [old] });
      const { req, prompts } = (await hinted(server, id_token).expect(200)).body;
      assert.deepEqual([req.idTokenHint, prompts], [{ sub: 'alice' }, ['consent']]);
      await rotating.rotate({ signing: [rsa, current] });
      assert.equal(redirected(await hinted(server, id_token).expect(302))['error'], 'invalid_request');
    });

    it('that is not an ID token of this server for this client is refused', async () => {
      const server = made();
      const { connect, tokens: _, clock } = server;
      const claims = { iss: ISSUER, sub: 'alice', aud: CLIENT.client_id, iat: clock.now, exp: clock.now + 600 };
      const { key, kid } = keys.signing();
      const foreign = await keySet({ signing: await generateSigningKey('RS256') });
      const sign = (content: object, header: object = {}, by: unknown = key) =>
        new SignJWT({ ...content }).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(by as CryptoKey);
      const [good, other] = [await sign(claims), (await connect({ redirect_uri: undefined }, CLIENT)).id_token];
      await hinted(server, good).expect(200);
      await hinted(server, other).expect(200);
      const [header = '', payload = '', signature = ''] = good.split('.');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const bad: Record<string, string> = {
        'of another client': await sign({ ...claims, aud: OTHER.client_id }),
        'of another issuer': await sign({ ...claims, iss: 'https://other.example' }),
        'signed by another key under the same kid': await sign(claims, {}, foreign.signing().key),
        'signed by a key that nobody has published': await sign(claims, { kid: 'x' }, foreign.signing().key),
        'without a signature': `${none}.${payload}.`,
        'with another content': `${header}.${Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url')}.${signature}`,
        'an access token': await sign(claims, { typ: 'at+jwt' }),
        'a logout token': await sign({ ...claims, events: {} }),
        'without a subject': await sign({ ...claims, sub: undefined }),
        'with an empty subject': await sign({ ...claims, sub: '' }),
        'without exp': await sign({ ...claims, exp: undefined }),
        'without iat': await sign({ ...claims, iat: undefined }),
      };
      for (const [what, hint] of Object.entries(bad))
        assert.equal(redirected(await hinted(server, hint).expect(302))['error'], 'invalid_request', what);
    });

    it('RFC 8725 §3.1 the algorithm is that of the key, and never HMAC: also with keys of an application of another kind', async () => {
      const { alg: _, ...rsa } = await rsaKey();
      const { kty, n, e } = rsa;
      const open = { kty, n, e }; // it says no algorithm, so that any would do
      const secret = new Uint8Array(32);
      const find = (kid: string | undefined) =>
        kid === 'secret' ? { kid, alg: 'HS256', key: secret } : { kid: 'rsa', alg: 'RS256', key: open };
      const server = made({ keys: { ...keys, find } as unknown as KeySet });
      const iat = server.clock.now;
      const claims = { iss: ISSUER, sub: 'alice', aud: CLIENT.client_id, iat, exp: iat + 600 };
      const sign = async (alg: string, kid: string) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg, kid })
          .sign(kid === 'secret' ? secret : await importJWK({ ...rsa, alg }, alg));
      await hinted(server, await sign('RS256', 'rsa')).expect(200);
      for (const [alg, kid] of [
        ['PS256', 'rsa'],
        ['RS512', 'rsa'],
        ['HS256', 'secret'],
      ] as const)
        assert.equal(
          redirected(await hinted(server, await sign(alg, kid)).expect(302))['error'],
          'invalid_request',
          alg,
        );
    });

    it('a JWT access token is refused as an ID token, and an ID token as an access token', async () => {
      const now = () => server.clock.now;
      const tokens = tokenService<App, User>({
        store: memoryStore(),
        now,
        accessTokens: jwt({ audience: 'https://api.example' }),
      });
      const server = made({ options: { tokens } });
      const issued = await tokens.issue(
        { subject: 'alice', scope: ['openid'] },
        {
          client: CLIENT as never,
          grantType: 'x',
          params: new Map() as never,
          body: {},
        },
      );
      assert.equal(redirected(await hinted(server, issued.access_token).expect(302))['error'], 'invalid_request');
      const { id_token } = await server.connect();
      assert.equal(await server.tokens.verify(id_token), undefined);
      assert.equal(await tokens.verify(id_token), undefined);
    });
  });

  it('is told by the metadata', () => {
    const { server } = made({ openid: { promptValues: ['login', 'create'], acrValues: ['mfa'] } });
    assert.ok(server);
    assert.throws(() => openid({ promptValues: ['none' as never] }), TypeError);
    assert.throws(() => openid({ acrValues: 'mfa' as never }), /^TypeError: openid\(\{ acrValues \}\)/);
    assert.throws(() => openid({ idTokenLifetime: 5 }), TypeError);
    assert.throws(() => openid({ claims: () => ({}) }), TypeError);
  });
});
