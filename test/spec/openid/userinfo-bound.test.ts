/** RFC 9449 §7.2, RFC 8705 §3: UserInfo and access tokens that are bound to a key, over HTTP. */
import assert from 'node:assert/strict';
import { certificateBoundTokens, dpop, dpopNonces, type OpenIDOptions, type Plug, type Refusal } from 'koauthorize';
import { headerCertificate } from 'koauthorize/client-auth';
import { dpopProof } from 'koauthorize/resource-server';
import type { KeySet } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, browser, exchangeCode, ISSUER, type User } from '../../support/authorization-server.js';
import { selfSigned } from '../../support/certificates.js';
import { type ClientKey, clientKey, type ProofTarget, proofFor } from '../../support/dpop.js';
import { openidServer, rsaKeys } from '../../support/openid-server.js';

const BASE_URL = 'https://mtls.as.example';

describe('UserInfo: a token that is bound to a key', () => {
  let keys: KeySet;
  let key: ClientKey;
  before(async () => {
    [keys, key] = await Promise.all([rsaKeys(), clientKey()]);
  });

  /** A server with openid(), and after it what binds tokens. */
  const made = (plug: Plug<App, User>, userinfo?: OpenIDOptions['userinfo']) => {
    const server = openidServer({
      keys,
      openid: { ...(userinfo && { userinfo }) },
      plug: (it) => void it.extend(plug),
      routes: (router, it) => void router.all('/userinfo', it.route('userinfo')),
    });
    const reasons: unknown[] = [];
    server.app.on('refusal', ({ reason }: Refusal) => reasons.push(reason));
    const http = request(server.app.callback());
    return { ...server, http, reasons };
  };
  type Made = ReturnType<typeof made>;

  /** An access token that is bound to the key, and how to ask with it. */
  async function boundToken({ app, http, clock }: Made, target: Partial<ProofTarget> = {}) {
    const { code } = await browser(app).allow({ scope: 'openid' });
    const proof = await proofFor(key, { url: `${ISSUER}/token`, at: clock.now, ...target });
    const { body } = await exchangeCode(app, code).set('DPoP', proof).expect(200);
    assert.equal(body.token_type, 'DPoP');
    const token: string = body.access_token;
    return {
      token,
      prove: (more: Partial<ProofTarget> = {}, by = key) =>
        proofFor(by, { method: 'GET', url: `${ISSUER}/userinfo`, token, at: clock.now, ...more }),
      ask: (proof?: string, scheme = 'DPoP') => {
        const sent = http.get('/userinfo').set('Authorization', `${scheme} ${token}`);
        return proof === undefined ? sent : sent.set('DPoP', proof);
      },
    };
  }

  it('is let in with its proof, once, where dpop() is plugged in', async () => {
    const { ask, prove } = await boundToken(made(dpop()));
    const proof = await prove();
    assert.equal((await ask(proof).expect(200)).body.sub, 'alice');
    assert.equal((await ask(proof).expect(401)).body.error, 'invalid_dpop_proof');
    assert.equal((await ask(await prove()).expect(200)).body.sub, 'alice');
  });

  it('is not let in without its proof, with one for another place, by another key, or as a bearer token', async () => {
    const server = made(dpop());
    const { ask, prove } = await boundToken(server);
    assert.equal((await ask().expect(401)).body.error, 'invalid_dpop_proof');
    assert.equal((await ask(await prove({ url: `${ISSUER}/token` })).expect(401)).body.error, 'invalid_dpop_proof');
    await ask(await prove({}, await clientKey())).expect(401);
    await ask(await prove(), 'Bearer').expect(401);
    const { headers } = await server.http.get('/userinfo').expect(401);
    assert.match(headers['www-authenticate'] ?? '', /DPoP realm="UserInfo", scope="openid", algs="ES256 PS256 /);
  });

  it('is judged by the algorithms, the nonces and the baseURL of dpop()', async () => {
    const nonces = dpopNonces({ secret: 'a secret of thirty-two characters', now: () => 0 });
    const nonce = String(await nonces.current());
    const { ask, prove } = await boundToken(made(dpop({ nonces, baseURL: BASE_URL, algorithms: ['ES256'] })), {
      ...{ url: `${BASE_URL}/token`, nonce },
    });
    const asked = await ask(await prove({ url: `${BASE_URL}/userinfo` })).expect(401);
    assert.deepEqual([asked.body.error, asked.headers['dpop-nonce']], ['use_dpop_nonce', nonce]);
    assert.match(asked.headers['www-authenticate'] ?? '', /DPoP realm="UserInfo", scope="openid", algs="ES256", /);
    await ask(await prove({ nonce })).expect(401); // its URL is that at the issuer's host
    await ask(await prove({ url: `${BASE_URL}/userinfo`, nonce })).expect(200);
  });

  it('is let in with its certificate, which is where certificateBoundTokens() finds it', async () => {
    const [own = '', other = ''] = (await Promise.all([selfSigned(), selfSigned()])).map(({ cert }) =>
      encodeURIComponent(cert),
    );
    const name = 'X-Client-Cert';
    const { app, http } = made(
      certificateBoundTokens({ certificate: headerCertificate({ name }), isBound: () => true }),
    );
    const { code } = await browser(app).allow({ scope: 'openid' });
    const { body } = await exchangeCode(app, code).set(name, own).expect(200);
    const ask = () => http.get('/userinfo').set('Authorization', `Bearer ${body.access_token}`);
    await ask().expect(401);
    await ask().set(name, other).expect(401);
    assert.equal((await ask().set(name, own).expect(200)).body.sub, 'alice');
  });

  it('is judged by the proofs of openid({ userinfo }), where there are some', async () => {
    const url = 'https://me.example/userinfo';
    const proofs = [dpopProof({ baseURL: 'https://me.example' })];
    const server = made(dpop(), { proofs });
    server.clock.now = Math.floor(Date.now() / 1000);
    const { ask, prove } = await boundToken(server);
    await ask(await prove()).expect(401);
    await ask(await prove({ url })).expect(200);
    assert.throws(() => made(dpop(), { proofs: [...proofs, ...proofs] }), /two proofs for the member "jkt"/);
  });

  it('a token that is bound to a key, where nothing proves it', async () => {
    const server = made(dpop(), { proofs: [] });
    const { ask, prove } = await boundToken(server);
    const { headers } = await ask(await prove(), 'Bearer').expect(401);
    assert.match(headers['www-authenticate'] ?? '', /^Bearer realm="UserInfo", scope="openid", error="invalid_token"/);
    assert.match(String(server.reasons.at(-1)), /it is bound by "jkt", which none of the proofs of this API is for/);
  });

  it('is judged by the proof of an extension of one’s own', async () => {
    const plug: Plug<App, User> = {
      name: 'own',
      adds: ['confirmation.kid'],
      token: { parse: () => ({ confirmation: { kid: 'k1' } as object }) },
      proof: { scheme: 'Key', member: 'kid', prove: (ctx, _token, kid) => ctx.get('Key') === kid },
    };
    const { app, http } = made(plug);
    const { code } = await browser(app).allow({ scope: 'openid' });
    const { body } = await exchangeCode(app, code).expect(200);
    const ask = () => http.get('/userinfo').set('Authorization', `Key ${body.access_token}`);
    await ask().expect(401);
    await ask().set('Key', 'k1').expect(200);
  });
});
