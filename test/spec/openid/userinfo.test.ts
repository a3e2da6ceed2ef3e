/** OpenID Connect Core §5.3: UserInfo, over HTTP. */
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { createServer, jwks, metadata, type OpenIDOptions, openid, type Refusal } from 'koauthorize';
import { generateSigningKey, type KeySet, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, CLIENT, ISSUER, OTHER, redirected, type User } from '../../support/authorization-server.js';
import { type OpenIDSetup, openidServer, type Registered, rsaKeys } from '../../support/openid-server.js';

const ALICE = {
  name: 'Alice Adams',
  email: 'alice@example.com',
  email_verified: true,
  phone_number: '+1 202 555 0100',
};

const expectedEmail = { sub: 'alice', email: ALICE.email, email_verified: true };

/** A token request for `tokens.issue`. */
const tokenRequestOf = (client: App) => ({
  grantType: 'x',
  client,
  params: Object.assign(new Map<string, string>(), { all: () => [] }),
  body: {},
  authMethod: 'client_secret_basic',
});

const users = new Set(['alice']);
const OPENID: OpenIDOptions<App, User> = {
  findUser: (id) => (users.has(id) ? { id, name: id } : undefined),
  claims: () => ALICE,
};

describe('OpenID Connect Core §5.3 UserInfo', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  beforeEach(() => {
    users.add('alice');
  });

  const made = (setup: Partial<OpenIDSetup> = {}) => {
    const server = openidServer({
      keys,
      openid: OPENID,
      ...setup,
      routes: (router, server) => {
        router.all('/userinfo', server.route('userinfo'));
        setup.routes?.(router, server);
      },
    });
    const http = request(server.app.callback());
    const get = (token: string) => http.get('/userinfo').set('Authorization', `Bearer ${token}`);
    return { ...server, http, get };
  };

  describe('§5.3.1 takes the access token', () => {
    it('by GET with the header, by POST with the header, and by POST in the form; never in the URL', async () => {
      const { connect, http, get } = made();
      const { access_token: token, id_token } = await connect({ scope: 'openid email' });

      const answers = [
        await get(token),
        await http.post('/userinfo').set('Authorization', `Bearer ${token}`),
        await http.post('/userinfo').type('form').send({ access_token: token }),
      ];
      for (const { status, headers, body } of answers) {
        assert.equal(status, 200);
        assert.match(headers['content-type'] ?? '', /^application\/json/);
        assert.equal(headers['cache-control'], 'no-store');
        assert.deepEqual(body, expectedEmail);
      }
      assert.equal(decodeJwt(id_token).sub, 'alice', '§5.3.2: the same sub as in the ID token');
      await http.get('/userinfo').query({ access_token: token }).expect(401);
      await http.put('/userinfo').set('Authorization', `Bearer ${token}`).expect(405).expect('Allow', 'GET, POST');
    });

    it('and scripts of the allowed origins may call it, with any header', async () => {
      const { connect, http, get } = made({ options: { allowOrigins: ['https://spa.example'] } });
      const { access_token: token } = await connect();
      const preflight = await http
        .options('/userinfo')
        .set('Origin', 'https://spa.example')
        .set('Access-Control-Request-Method', 'GET')
        .set('Access-Control-Request-Headers', 'authorization')
        .expect(204);
      assert.equal(preflight.headers['access-control-allow-headers'], 'authorization');
      const readable = await get(token).set('Origin', 'https://spa.example').expect(200);
      assert.equal(readable.headers['access-control-allow-origin'], 'https://spa.example');
      const refused = await get('wrong').set('Origin', 'https://spa.example').expect(401);
      assert.equal(refused.headers['access-control-allow-origin'], 'https://spa.example');
      const other = await get(token).set('Origin', 'https://evil.example');
      assert.equal(other.headers['access-control-allow-origin'], undefined);
    });
  });

  describe('§5.3.3 refuses', () => {
    const challenge = ({ headers }: { headers: Record<string, string> }) => headers['www-authenticate'] ?? '';

    it('a request without a token, without saying an error', async () => {
      const answer = await made().http.get('/userinfo').expect(401);
      assert.equal(challenge(answer), 'Bearer realm="UserInfo", scope="openid"');
    });

    it('a request with two tokens', async () => {
      const { connect, http } = made();
      const { access_token: token } = await connect();
      const answer = await http
        .post('/userinfo')
        .set('Authorization', `Bearer ${token}`)
        .type('form')
        .send({ access_token: token })
        .expect(400);
      assert.equal(answer.body.error, 'invalid_request');
    });

    it('a token without the scope openid', async () => {
      const { connect, get } = made();
      const { access_token: token } = await connect({ scope: 'profile email' });
      const answer = await get(token).expect(403);
      assert.match(challenge(answer), /error="insufficient_scope"/);
      assert.equal(answer.body.email, undefined);
    });

    it('a token that was revoked, or has expired', async () => {
      const { connect, get, tokens, clock } = made();
      const [one, two] = [await connect(), await connect()];
      await tokens.revoke(one.access_token, CLIENT);
      assert.match(challenge(await get(one.access_token).expect(401)), /error="invalid_token"/);
      await get(two.access_token).expect(200);
      clock.now += two.expires_in;
      assert.match(challenge(await get(two.access_token).expect(401)), /error="invalid_token"/);
    });

    it('a token of a user who is gone, or of a client that is gone', async () => {
      const clients: Registered[] = [{ ...CLIENT }, { ...OTHER }];
      const { app, connect, get } = made({ clients });
      const reasons: (string | undefined)[] = [];
      app.on('refusal', ({ reason }: Refusal) => reasons.push(reason));
      const { access_token: token } = await connect();
      await get(token).expect(200);
      users.delete('alice');
      assert.match(challenge(await get(token).expect(401)), /error="invalid_token"/);
      users.add('alice');
      clients.shift();
      assert.match(challenge(await get(token).expect(401)), /error="invalid_token"/);
      const of = (what: string) => `The token was refused: its ${what} is gone (client: "client")`;
      assert.deepEqual(reasons, [of('user'), of('client')]);
    });

    it('an ID token, a refresh token, and a token that a client got for itself', async () => {
      const { connect, get, tokens } = made();
      const { id_token, refresh_token } = await connect();
      await get(id_token).expect(401);
      await get(refresh_token).expect(401);
      const { access_token } = await tokens.issue({ scope: ['openid'] }, tokenRequestOf(CLIENT));
      await get(access_token).expect(401);
    });

    it('RFC 9068 §4 a token that is for other APIs', async () => {
      const api = 'https://api.example';
      const rows: readonly [audience: readonly string[], status: number][] = [
        [[api], 401],
        [[api, ISSUER], 200],
        [[api, `${ISSUER}/userinfo`], 200],
      ];
      for (const [audience, status] of rows) {
        const { get, tokens } = made();
        const { access_token } = await tokens.issue(
          { subject: 'alice', scope: ['openid'], audience },
          tokenRequestOf(CLIENT),
        );
        await get(access_token).expect(status);
      }
    });
  });

  describe('§5.3.2 answers', () => {
    const signed = (alg: string): Registered => ({ ...CLIENT, userinfo_signed_response_alg: alg });

    it('with a JWT that is signed by the algorithm that the client registered, with iss and aud', async () => {
      const several = await keySet({
        signing: [await generateSigningKey('RS256'), await generateSigningKey('ES256')],
      });
      for (const alg of ['RS256', 'ES256']) {
        const { connect, get } = made({ keys: several, clients: [signed(alg), { ...OTHER }] });
        const { access_token: token } = await connect({ scope: 'openid email' });
        const { headers, text } = await get(token).buffer().expect(200);
        assert.equal(headers['content-type'], 'application/jwt');
        const options = { issuer: ISSUER, audience: CLIENT.client_id, algorithms: [alg] };
        const { payload } = await jwtVerify(text, createLocalJWKSet(several.jwks() as JSONWebKeySet), options);
        assert.deepEqual(payload, { ...expectedEmail, iss: ISSUER, aud: CLIENT.client_id });
      }
    });

    it('with an error where the client registered what cannot be done, and not with plain JSON', async () => {
      for (const client of [signed('none'), signed('HS256'), signed('PS512')]) {
        const { get, tokens, errors } = made({ clients: [client, { ...OTHER }] });
        const { access_token } = await tokens.issue({ subject: 'alice', scope: ['openid'] }, tokenRequestOf(client));
        const { body } = await get(access_token).expect(500);
        assert.equal(body.error, 'server_error');
        assert.match(String(errors[0]?.message), /signs UserInfo responses/);
      }
      const encrypted: Registered = { ...CLIENT, userinfo_encrypted_response_alg: 'RSA-OAEP' };
      const { visitor, get, tokens, errors } = made({ clients: [encrypted, { ...OTHER }] });
      const { headers } = await visitor().open({ scope: 'openid' }, 'alice');
      assert.equal(redirected({ headers })['error'], 'unauthorized_client');
      const { access_token } = await tokens.issue({ subject: 'alice', scope: ['openid'] }, tokenRequestOf(encrypted));
      await get(access_token).expect(500);
      assert.match(String(errors.at(-1)?.message), /userinfo_encrypted_response_alg/);
    });

    it('§16.11 a request with a token of another client: the sub and the aud of the client that it was issued to', async () => {
      const more = { subject_type: 'pairwise', userinfo_signed_response_alg: 'RS256' };
      const clients: Registered[] = [
        { ...CLIENT, ...more },
        { ...OTHER, ...more },
      ];
      const { connect, get, server } = made({
        clients,
        openid: { ...OPENID, pairwise: 'a secret for the subjects of tests' },
      });
      const { access_token: token } = await connect();
      const { sub, aud } = decodeJwt((await get(token).buffer().expect(200)).text);
      const [own, others] = await Promise.all(clients.map((client) => server.core.outwardSubject('alice', client)));
      assert.deepEqual([sub, aud], [own, CLIENT.client_id]);
      assert.notEqual(sub, others);
    });

    it('a signed response is not an ID token: it is refused as id_token_hint', async () => {
      const { connect, get, visitor } = made({ clients: [signed('RS256'), { ...OTHER }] });
      const { access_token: token } = await connect();
      const { text } = await get(token).buffer().expect(200);
      const { headers } = await visitor().open({ id_token_hint: text }, 'alice');
      assert.equal(redirected({ headers })['error'], 'invalid_request');
    });
  });

  it('is announced only where it is, and says at start what it lacks', async () => {
    const documentOf = async (setup: Partial<OpenIDSetup>) => {
      const { app } = openidServer({
        keys,
        ...setup,
        plug: (server) => void server.extend(jwks()).extend(metadata({}, {})),
        routes: (router, server) => void router.get('/metadata', server.route('metadata')),
      });
      return (await request(app.callback()).get('/metadata').expect(200)).body;
    };
    const there = await documentOf({ openid: OPENID });
    assert.equal(there.userinfo_endpoint, `${ISSUER}/userinfo`);
    assert.deepEqual(there.userinfo_signing_alg_values_supported, ['RS256']);
    const elsewhere = await documentOf({ openid: { ...OPENID, userinfo: { url: '/me' } } });
    assert.equal(elsewhere.userinfo_endpoint, `${ISSUER}/me`);
    const none = await documentOf({ openid: { ...OPENID, userinfo: false } });
    assert.deepEqual([none.userinfo_endpoint, none.userinfo_signing_alg_values_supported], [undefined, undefined]);

    const server = (options: object, userinfo: OpenIDOptions<App, User>['userinfo']) =>
      createServer<App, User>({ issuer: ISSUER, keys, ...options }).extend(
        openid(userinfo === undefined ? {} : { userinfo }),
      );
    assert.throws(() => server({}, {}).check(), /needs a verify, or createServer\(\{ tokens \}\)/);
    const tokens = tokenService<App, User>({ store: memoryStore() });
    assert.throws(() => server({ tokens }, undefined).check(), /createServer\(\{ clients \}\)/);
    server({ tokens }, false).check();
    assert.throws(() => openid({ userinfo: { proof: [] } as object }), /no option proof/);
  });
});
