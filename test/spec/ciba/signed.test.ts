/** OpenID Connect Client-Initiated Backchannel Authentication §7.1.1: signed requests, over HTTP. */
import assert from 'node:assert/strict';
import { requestObjects } from 'koauthorize';
import { type EphemeralStore, ephemeralStore, memoryStore } from 'koauthorize/tokens';
import { type App, ISSUER, type Params, type User } from '../../support/authorization-server.js';
import { type BackchannelSetup, backchannelServer, errorOf, POLLING } from '../../support/backchannel-server.js';
import { forged, type Signer, sign, signer, signText } from '../../support/request-object.js';

/** Where the clock of the tests begins. */
const START = 1_767_225_600;

describe('CIBA §7.1.1: signed authentication requests', () => {
  let own: Signer;
  let others: Signer;
  before(async () => {
    own = await signer();
    others = await signer();
  });

  async function started(setup: BackchannelSetup = {}, registration: object = {}) {
    const client = {
      ...POLLING,
      jwks: own.jwks,
      backchannel_authentication_request_signing_alg: 'ES256',
      ...registration,
    };
    const server = await backchannelServer({ clients: [client], ...setup });
    const now = server.clock.now;
    const about = { iss: 'client', aud: ISSUER, iat: now, nbf: now, exp: now + 300, jti: 'one' };
    const claims = (more: object = {}) => ({ ...about, scope: 'openid read', login_hint: 'alice', ...more });
    const send = async (request: string | Promise<string>, beside: Params = {}) =>
      server.begin({ scope: undefined, login_hint: undefined, request: await request, ...beside });
    return { ...server, now, claims, send };
  }

  const plain = { typ: undefined };

  it('is read from the JWT alone: every parameter is in it', async () => {
    const { claims, send, asked } = await started();
    const more = { binding_message: 'W4SCT', acr_values: 'gold', requested_expiry: '60', client_id: 'client' };
    const { body } = await send(sign(claims(more), own, plain));
    assert.equal(body.expires_in, 60);
    const req = asked[0]?.req;
    assert.deepEqual([req?.scope, req?.bindingMessage, req?.acrValues], [['openid', 'read'], 'W4SCT', ['gold']]);
  });

  it('requested_expiry is text or a number', async () => {
    for (const requested_expiry of [90, '90']) {
      const { claims, send } = await started();
      assert.equal((await send(sign(claims({ requested_expiry }), own))).body.expires_in, 90);
    }
  });

  it('an error in it is answered as one in a form, and leaves it unused', async () => {
    let isKnown = false;
    const { claims, send } = await started({ ciba: { findUser: () => (isKnown ? { id: 'alice', name: 'A' } : null) } });
    const request = await sign(claims(), own);
    assert.deepEqual(await errorOf(send(request)), [400, 'unknown_user_id']);
    isKnown = true;
    assert.deepEqual(await errorOf(send(request)), [200, undefined]);
    for (const more of [
      { binding_message: 'a\nb' },
      { login_hint: 'a\u0000b' },
      { login_hint_token: 'x' },
      { scope: 'read' },
    ])
      assert.equal((await send(sign(claims({ jti: JSON.stringify(more), ...more }), own))).status, 400);
  });

  it('is accepted once, also among concurrent requests', async () => {
    const { claims, send, asked } = await started();
    const request = await sign(claims(), own);
    const answers = await Promise.all(Array.from({ length: 5 }, () => errorOf(send(request))));
    assert.equal(answers.filter(([status]) => status === 200).length, 1);
    assert.deepEqual(await errorOf(send(request)), [400, 'invalid_request']);
    assert.equal(asked.length, 1);
  });

  it('has counted where the user could not be asked, too: the client is told to sign another one, and the operator why', async () => {
    let isBroken = true;
    const inner = ephemeralStore(memoryStore(), () => START);
    const orFail = async <T>(value: T, why: string): Promise<T> => {
      if (isBroken) throw new Error(why);
      return value;
    };
    const store: EphemeralStore = {
      get: (key) => inner.get(key),
      add: (key, value, expiresAt) => inner.add(key, value, expiresAt),
      take: async (key) => inner.take(await orFail(key, 'the store is out of order')),
    };
    const { claims, send, app } = await started({ ciba: { store, ask: () => orFail(true, 'no push service') } });
    const told: string[] = [];
    app.on('error', ({ message }: Error) => told.push(message));
    const request = await sign(claims(), own);
    assert.deepEqual(await errorOf(send(request)), [500, 'server_error']);
    assert.deepEqual(told, ['no push service']);
    isBroken = false;
    const { status, body } = await send(request);
    const description = 'Invalid signed request: It came before. Sign another one for each try';
    assert.deepEqual([status, body], [400, { error: 'invalid_request', error_description: description }]);
    assert.deepEqual(await errorOf(send(sign(claims({ jti: 'two' }), own))), [200, undefined]);
  });

  it('is required of a client that registered an algorithm: an unsigned request is refused', async () => {
    const { begin, asked } = await started();
    assert.deepEqual(await errorOf(begin()), [400, 'invalid_request']);
    assert.equal(asked.length, 0);
  });

  it('is needed of every client where the application says so', async () => {
    const { begin } = await started(
      { ciba: { requireSignedRequests: true } },
      { backchannel_authentication_request_signing_alg: undefined },
    );
    assert.deepEqual(await errorOf(begin()), [400, 'invalid_request']);
  });

  it('§4 of a client that registered no algorithm is refused', async () => {
    const { claims, send } = await started({}, { backchannel_authentication_request_signing_alg: undefined });
    assert.deepEqual(await errorOf(send(sign(claims(), own))), [400, 'invalid_request']);
  });

  for (const [name, value] of [
    ['scope', 'openid read'],
    ['login_hint', 'alice'],
    ['binding_message', 'W4SCT'],
    ['request_uri', 'https://client.example/request'],
    ['user_code', '1234'],
  ] as const)
    it(`${name} beside it is refused`, async () => {
      const { claims, send } = await started();
      assert.deepEqual(await errorOf(send(sign(claims(), own), { [name]: value })), [400, 'invalid_request']);
    });

  it('client_id beside it is part of the client authentication', async () => {
    const { claims, send } = await started();
    assert.deepEqual(await errorOf(send(sign(claims(), own), { client_id: 'client' })), [200, undefined]);
  });

  const wrong: Record<string, (now: number) => object> = {
    'without aud': () => ({ aud: undefined }),
    'for another server': () => ({ aud: 'https://other.example' }),
    'without iss': () => ({ iss: undefined }),
    'of another client': () => ({ iss: 'other' }),
    'with the client_id of another client': () => ({ client_id: 'other' }),
    'without exp': () => ({ exp: undefined }),
    'that has expired': (now) => ({ exp: now - 60, nbf: now - 120 }),
    'without iat': () => ({ iat: undefined }),
    'from the future': (now) => ({ iat: now + 120 }),
    'without nbf': () => ({ nbf: undefined }),
    'that is not good yet': (now) => ({ nbf: now + 120 }),
    'that is good for more than an hour': (now) => ({ exp: now + 3601 }),
    'with a time that is no time': () => ({ exp: 'soon' }),
    'without jti': () => ({ jti: undefined }),
    'with an empty jti': () => ({ jti: '' }),
    'with a jti that is no text': () => ({ jti: 1 }),
    'with a jti without end': () => ({ jti: 'x'.repeat(513) }),
    'with another request in it': () => ({ request: 'x' }),
    'with a request_uri in it': () => ({ request_uri: 'https://client.example/r' }),
  };
  for (const [what, more] of Object.entries(wrong))
    it(`a request ${what} is refused`, async () => {
      const { claims, send, now, asked } = await started();
      assert.deepEqual(await errorOf(send(sign(claims(more(now)), own))), [400, 'invalid_request']);
      assert.equal(asked.length, 0);
    });

  for (const typ of ['at+jwt', 'dpop+jwt', 'client-authentication+jwt'])
    it(`RFC 8725 §3.11: a JWT of the type ${typ} is refused`, async () => {
      const { claims, send } = await started();
      assert.deepEqual(await errorOf(send(sign(claims(), own, { typ }))), [400, 'invalid_request']);
    });

  it('forged ones are refused: signed by another key, unsigned, by HMAC, by another algorithm, changed, and nonsense', async () => {
    const { claims, send, asked } = await started();
    const good = await sign(claims(), own);
    const [head, body, tail] = good.split('.');
    const pss = await signer('PS256');
    for (const request of [
      await sign(claims(), others),
      forged({ alg: 'none' }, claims()),
      forged({ alg: 'HS256' }, claims(), 'x'),
      await sign(claims(), pss),
      `${head}.${Buffer.from(JSON.stringify(claims({ login_hint: 'bob' }))).toString('base64url')}.${tail}`,
      `${head}.${body}.${'A'.repeat(86)}`,
      await signText('not JSON', own),
      await signText('[]', own),
      await sign(claims(), own, { crit: ['not-understood'], 'not-understood': 1 }),
      'nonsense',
      '..',
      'x'.repeat(33_000),
    ])
      assert.deepEqual(await errorOf(send(request)), [400, 'invalid_request'], request.slice(0, 40));
    assert.equal(asked.length, 0);
  });

  it('by another algorithm than the client registered is refused, also with a key of its own', async () => {
    const pss = await signer('PS256', 'two');
    const { claims, send } = await started({}, { jwks: { keys: [own.jwk, pss.jwk] } });
    assert.deepEqual(await errorOf(send(sign(claims(), pss))), [400, 'invalid_request']);
    const other = await started(
      {},
      {
        jwks: { keys: [own.jwk, pss.jwk] },
        backchannel_authentication_request_signing_alg: 'PS256',
      },
    );
    assert.deepEqual(await errorOf(other.send(sign(other.claims(), pss))), [200, undefined]);
  });

  it('by an algorithm that the server does not take is refused', async () => {
    const { claims, send } = await started({ ciba: { algorithms: ['PS256'] } });
    assert.deepEqual(await errorOf(send(sign(claims(), own))), [400, 'invalid_request']);
  });

  it('satisfies requestObjects({ required }) and require_signed_request_object', async () => {
    const plugs = [requestObjects<App, User>({ required: true })];
    const { claims, send } = await started({ plugs }, { require_signed_request_object: true });
    assert.deepEqual(await errorOf(send(sign(claims(), own))), [200, undefined]);
  });
});
