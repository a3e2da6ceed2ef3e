/** What profiles forbid elsewhere than in a code flow: at other endpoints, at refreshes, in CIBA, at an API; and two clients of two profiles at one server. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import { issuer } from 'koauthorize';
import { bearer } from 'koauthorize/resource-server';
import request from 'supertest';
import { proofFor } from '../support/dpop.js';
import { sign } from '../support/request-object.js';
import {
  type App,
  authorize,
  type Change,
  CIBA,
  good,
  house,
  keysOf,
  type Made,
  type ProfileName,
  plugPermissive,
  post,
  redeem,
} from './house.js';
import { without } from './without.js';

const FAPI: readonly ProfileName[] = ['fapi2', 'fapi2MessageSigning', 'fapiCIBA'];
const OTHERS: readonly ProfileName[] = ['none', 'oauth21', 'legacy'];

async function one(profile: ProfileName, more: object = {}): Promise<{ made: Made; app: App }> {
  const app = good(profile, await keysOf(), more);
  return { made: await house({ clients: [app] }), app };
}

/** From the request to the tokens. */
async function connect(made: Made, app: App, change = {}) {
  const { code } = await authorize(made, app, change);
  const answer = await redeem(made, app, code, change);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

describe('profiles at the other endpoints of clients', () => {
  const secret = { token_endpoint_auth_method: 'client_secret_basic' };
  for (const path of ['/introspect', '/revoke', '/backchannel_authentication'])
    for (const profile of [...FAPI, ...OTHERS])
      it(`${profile}: a client secret at ${path}`, async () => {
        const { made, app } = await one(profile, secret);
        const { body } = await post(made, app, path, { token: 'any', scope: 'openid' }, { by: 'basic' });
        assert.equal(body.error === 'invalid_client', FAPI.includes(profile), JSON.stringify(body));
      });

  it('fapi2: an assertion for the issuer in an array at /introspect and /revoke', async () => {
    const { made, app } = await one('fapi2');
    for (const path of ['/introspect', '/revoke']) {
      const by = { aud: ['https://as.example'] };
      assert.equal((await post(made, app, path, { token: 'any' }, { by })).body.error, 'invalid_client', path);
      assert.equal((await post(made, app, path, { token: 'any' })).status, 200, path);
    }
  });
});

describe('profiles: signed introspection responses', () => {
  const accept = 'application/token-introspection+jwt';
  const inspect = async (profile: ProfileName, alg: string | undefined, change: Change = { accept }) => {
    const { made, app } = await one(profile, { introspection_signed_response_alg: alg });
    return post(made, app, '/introspect', { token: 'any' }, change);
  };

  for (const profile of [...FAPI, ...OTHERS])
    for (const alg of ['RS256', undefined])
      it(`${profile}: by RS256, where the client registered ${alg ?? 'nothing'}`, async () => {
        const { status, body } = await inspect(profile, alg);
        const expected = FAPI.includes(profile) ? [400, 'invalid_request'] : [200, undefined];
        assert.deepEqual([status, body.error], expected);
      });

  it('fapi2: by ES256, and as JSON', async () => {
    assert.equal((await inspect('fapi2', 'ES256')).status, 200);
    assert.equal((await inspect('fapi2', undefined, {})).status, 200);
  });

  it('fapi2 without the rule: by RS256', async () => {
    const { status } = await without(['algorithm of introspection'], () => inspect('fapi2', 'RS256'));
    assert.equal(status, 200);
  });
});

describe('profiles: refresh tokens', () => {
  const refresh = (made: Made, app: App, refresh_token: string, change = {}) =>
    redeem(made, app, undefined, {
      ...change,
      form: {
        grant_type: 'refresh_token',
        refresh_token,
        ...{ code: undefined, code_verifier: undefined, redirect_uri: undefined },
      },
    });

  for (const profile of [...FAPI, ...OTHERS])
    it(`${profile}: are ${FAPI.includes(profile) ? 'kept' : 'replaced'} at each use`, async () => {
      const { made, app } = await one(profile);
      const { refresh_token: first } = await connect(made, app);
      const { body } = await refresh(made, app, first);
      assert.equal(typeof body.access_token, 'string', JSON.stringify(body));
      assert.equal(body.refresh_token === undefined, FAPI.includes(profile));
      made.clock.now += 120; // later than the grace window
      assert.equal((await refresh(made, app, first)).status, FAPI.includes(profile) ? 200 : 400);
    });

  const isPublic = { token_endpoint_auth_method: 'none', keepsRefreshTokens: true };
  const byNone = { by: 'none', tokenProof: 'none' } as const;
  for (const [profile, status] of [
    ['oauth21', 500],
    ['legacy', 200],
    ['none', 200],
  ] as const)
    it(`${profile}: an exchange of the application keeps that of a public client: ${status}`, async () => {
      const { made, app } = await one(profile, isPublic);
      const { refresh_token: first } = await connect(made, app, byNone);
      assert.equal((await refresh(made, app, first, byNone)).status, status);
    });

  it('without the rules, FAPI has them replaced, and OAuth 2.1 has that of a public client kept', async () => {
    await without(['refresh token rotation'], async () => {
      const { made, app } = await one('fapi2');
      const { refresh_token: first } = await connect(made, app);
      assert.equal(typeof (await refresh(made, app, first)).body.refresh_token, 'string');
    });
    await without(['refresh token kept'], async () => {
      const { made, app } = await one('oauth21', isPublic);
      const { refresh_token: first } = await connect(made, app, byNone);
      assert.equal((await refresh(made, app, first, byNone)).status, 200);
    });
  });

  it('oauth21: one of a public client that is bound to a key may be kept', async () => {
    const { made, app } = await one('oauth21', isPublic);
    const { refresh_token: first } = await connect(made, app, { by: 'none' });
    assert.equal((await refresh(made, app, first, { by: 'none' })).status, 200);
  });
});

async function ask(profile: ProfileName, params: object, isSigned = true) {
  const { made, app } = await one(profile, {
    ...(!isSigned && { backchannel_authentication_request_signing_alg: undefined }),
    grant_types: [CIBA, 'authorization_code'],
  });
  const { now } = made.clock;
  const all = { scope: 'openid', login_hint: 'alice', ...params };
  const about = {
    iss: app.client_id,
    aud: 'https://as.example',
    iat: now,
    nbf: now,
    exp: now + 60,
    jti: `${Math.random()}`,
  };
  const { ES256 } = await keysOf();
  const sent = isSigned ? { request: await sign({ ...about, ...all }, ES256) } : all;
  return post(made, app, '/backchannel_authentication', sent);
}

describe('profiles: requests without a browser (CIBA)', () => {
  for (const profile of [...FAPI, ...OTHERS]) {
    const isCIBA = profile === 'fapiCIBA';
    it(`${profile}: a signed request with a binding_message is allowed`, async () => {
      const { status, text } = await ask(profile, { binding_message: 'W4SCT' });
      assert.equal(status, 200, text);
    });
    it(`${profile}: a request without binding_message`, async () => {
      const { status, body } = await ask(profile, {});
      assert.deepEqual([status, body.error], isCIBA ? [400, 'invalid_binding_message'] : [200, undefined]);
    });
    it(`${profile}: a request that is not signed`, async () => {
      const { status, body } = await ask(profile, { binding_message: 'W4SCT' }, false);
      assert.deepEqual([status, body.error], isCIBA ? [400, 'invalid_request'] : [200, undefined]);
    });
  }
});

describe('profiles: CIBA without the rules', () => {
  it('fapiCIBA takes a request without binding_message, and one that is not signed', async () => {
    assert.equal((await without(['no binding_message'], () => ask('fapiCIBA', {}))).status, 200);
    const bare = () => ask('fapiCIBA', { binding_message: 'W4SCT' }, false);
    assert.equal((await without(['unsigned CIBA request'], bare)).status, 200);
  });
});

describe('profiles: at an API', () => {
  it('no token is taken from the URL, whatever the profile, unless the API itself says so', async () => {
    const { made, app } = await one('fapi2');
    const { access_token: token } = await connect(made, app);
    const { proof: key } = await keysOf();
    const proof = await proofFor(key, { method: 'GET', url: 'https://api.example/notes', token, at: made.clock.now });
    await made.http.get('/notes').set('Authorization', `DPoP ${token}`).set('DPoP', proof).expect(200);
    await made.http.get(`/notes?access_token=${token}`).expect(401);
    const careless = new Koa();
    careless.use(bearer({ verify: async () => ({ scope: [] }), allowTokenInQuery: true })).use((ctx) => {
      ctx.body = 'in';
    });
    await request(careless.callback()).get('/?access_token=any').expect(200);
  });

  it('fapi2: a token is refused without a proof of its key', async () => {
    const { made, app } = await one('fapi2');
    const { access_token: token } = await connect(made, app);
    await made.http.get('/notes').set('Authorization', `DPoP ${token}`).expect(401);
    await made.http.get('/notes').set('Authorization', `Bearer ${token}`).expect(401);
  });
});

describe('profiles: iss', () => {
  const answer = async (profile: ProfileName) => {
    const app = good(profile, await keysOf());
    const made = await house({
      clients: [app],
      plug(server, tokens) {
        server.extend(issuer('https://as.example', { allowMixUp: () => true }));
        plugPermissive(server, tokens);
      },
    });
    const { code, iss } = await authorize(made, app, { params: { response_mode: undefined } });
    assert.equal(typeof code, 'string');
    return iss;
  };

  it('fapi2: is in each response, also where issuer({ allowMixUp }) leaves it out for others', async () => {
    assert.equal(await answer('fapi2'), 'https://as.example');
    assert.equal(await answer('none'), undefined);
    assert.equal(await without(['no iss'], () => answer('fapi2')), undefined);
  });
});

describe('profiles: two clients of two profiles at one server', () => {
  it('each gets the rules of its own profile', async () => {
    const keys = await keysOf();
    const [bank, old] = [good('fapi2', keys), good('legacy', keys)];
    const made = await house({ clients: [bank, old] });
    const plain = { params: { code_challenge: undefined, code_challenge_method: undefined }, isDirect: true } as const;
    for (let turn = 0; turn < 2; turn++) {
      assert.equal((await authorize(made, bank, plain))['error'], 'invalid_request');
      assert.equal(typeof (await connect(made, old, plain)).access_token, 'string');
      const { token_type: bound } = await connect(made, bank);
      const { token_type: unbound } = await connect(made, old, { tokenProof: 'none' });
      assert.deepEqual([bound, unbound], ['DPoP', 'Bearer']);
    }
  });

  it('the code of one is of no use to the other', async () => {
    const keys = await keysOf();
    const [bank, old] = [good('fapi2', keys), good('oauth21', keys)];
    const made = await house({ clients: [bank, old] });
    const { code } = await authorize(made, bank, {});
    assert.equal((await redeem(made, old, code, {})).body.error, 'invalid_grant');
    assert.equal((await redeem(made, bank, code, {})).status, 200);
  });
});
