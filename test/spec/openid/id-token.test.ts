/** OpenID Connect Core §2, §3.1.3: the ID token of the code flow. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Authorization, createServer, exchange, openid } from 'koauthorize';
import { generateSigningKey, type KeySet, keySet, type SigningAlgorithm } from 'koauthorize/tokens';
import { leftHalfHash } from '../../../lib/id-token/hash.js';
import {
  type App,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  ISSUER,
  OTHER,
  redirected,
  tokenRequest,
  VERIFIER,
} from '../../support/authorization-server.js';
import { openidServer, type Registered, rsaKey, rsaKeys } from '../../support/openid-server.js';

const NONCE = 'n-0S6_WzA2Mj';

describe('OpenID Connect Core §3.1.3.3: the ID token of a code', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  it('§2 says who issued it, to whom, for whom, when, and what belongs to the request', async () => {
    const returning = { ...CLIENT, post_logout_redirect_uris: ['https://client.example/after'] };
    const { connect, verified, header, clock, logins } = openidServer({ keys, clients: [returning] });
    const authenticatedAt = clock.now - 100;
    logins.set('alice', { authenticatedAt, acr: 'pwd', amr: ['pwd'], sessionID: 'a session' });
    const { id_token, access_token } = await connect({ nonce: NONCE });
    const half = createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url');
    assert.deepEqual(await verified(id_token), {
      iss: ISSUER,
      sub: 'alice',
      aud: CLIENT.client_id,
      iat: clock.now,
      exp: clock.now + 600,
      nonce: NONCE,
      auth_time: authenticatedAt,
      acr: 'pwd',
      amr: ['pwd'],
      sid: 'a session',
      at_hash: half,
    });
    assert.deepEqual(header(id_token), { alg: 'RS256', kid: keys.signing().kid, typ: 'JWT' });
  });

  it('§3.1.2.1 a request without the scope openid is one of OAuth 2.0, and gets none', async () => {
    const { connect } = openidServer({ keys });
    const response = await connect({ scope: 'read', nonce: NONCE });
    assert.equal('id_token' in response, false);
  });

  it('Back-Channel Logout §2.1: sid is for clients that take part in logouts, and for no others', async () => {
    for (const [member, isThere] of [
      [{}, false],
      [{ backchannel_logout_uri: null }, false],
      [{ backchannel_logout_uri: 'https://client.example/logout' }, true],
      [{ frontchannel_logout_uri: 'https://client.example/logout' }, true],
      [{ post_logout_redirect_uris: ['https://client.example/after'] }, true],
    ] as const) {
      const { connect, verified, logins } = openidServer({ keys, clients: [{ ...CLIENT, ...member }] });
      logins.set('alice', { sessionID: 'a session' });
      const { sid } = await verified((await connect()).id_token);
      assert.equal(sid, isThere ? 'a session' : undefined, JSON.stringify(member));
    }
  });

  describe('Front-Channel Logout §3: sid has the syntax of a client identifier', () => {
    const client = { ...CLIENT, backchannel_logout_uri: 'https://client.example/logout' };
    for (const [what, sessionID] of [
      ['is empty', ''],
      ['has a line break', 'a\nsession'],
      ['has a letter that is not ASCII', 's\u00e9ssion'],
      ['is too long', 's'.repeat(2049)],
      ['is a number', 4711],
      ['is null', null],
    ] as const)
      it(`a sessionID that ${what}: nothing is issued, and the operator is told, without the value`, async () => {
        const { consented, visitor, errors, logins, tokens } = openidServer({ keys, clients: [client] });
        consented.add('alice');
        logins.set('alice', { sessionID: sessionID as string });
        assert.equal(redirected(await visitor().open({}, 'alice'))['error'], 'server_error');
        const [error] = errors;
        assert.match(
          String(error),
          /^TypeError: createServer\(\{ authenticationEvent \}\): sessionID is a text of 1 to 2048/,
        );
        assert.ok(!sessionID || !String(error).includes(String(sessionID)));
        const allowed = { subject: 'alice', scope: ['read'], authentication: { sessionID: sessionID as string } };
        const request = { client: CLIENT, params: new Map(), type: 'refresh_token' } as never;
        await assert.rejects(tokens.issue(allowed, request), /^TypeError: The login of a user: sessionID is a text/);
      });

    it('every character that a client identifier can have is taken', async () => {
      const { connect, verified, logins } = openidServer({ keys, clients: [client] });
      const all = String.fromCharCode(...Array.from({ length: 0x7f - 0x20 }, (_, at) => at + 0x20)); // RFC 6749 appendix A.1
      for (const sessionID of [all, 's'.repeat(2048)]) {
        logins.set('alice', { sessionID });
        assert.equal((await verified((await connect()).id_token))['sid'], sessionID);
      }
    });
  });

  it('§12.2 a refresh gives one with the same iss, sub, aud and auth_time, a later iat, and no nonce', async () => {
    const { connect, refresh, verified, clock, logins } = openidServer({ keys });
    logins.set('alice', { authenticatedAt: clock.now - 100 });
    const first = await connect({ nonce: NONCE });
    const { iat, exp: _, at_hash: __, nonce, ...same } = await verified(first.id_token);
    assert.equal(nonce, NONCE);
    clock.now += 1000;
    logins.set('alice', { authenticatedAt: clock.now });
    const { id_token } = (await refresh(first.refresh_token).expect(200)).body;
    const { iat: later, exp: ___, at_hash: ____, ...again } = await verified(id_token);
    assert.deepEqual([again, later], [same, Number(iat) + 1000]);
  });

  it('§12.2 a refresh under another name has no nonce either', async () => {
    const alias = 'urn:example:refresh';
    const server = openidServer({
      keys,
      plug: (server, tokens) => void server.exchange(alias, exchange.refreshToken(tokens.refreshToken)),
    });
    const { refresh_token } = await server.connect({ nonce: NONCE });
    const { id_token } = (await server.refresh(refresh_token, { grant_type: alias }).expect(200)).body;
    assert.equal('nonce' in (await server.verified(id_token)), false);
  });
});

describe('OpenID Connect Registration §2: what signs an ID token', () => {
  const HASHES = { RS256: 'sha256', PS256: 'sha256', ES256: 'sha256', EdDSA: 'sha512', Ed25519: 'sha512' } as const;

  for (const [alg, hash] of Object.entries(HASHES)) {
    it(`id_token_signed_response_alg ${alg}; §3.1.3.6: at_hash by ${hash}`, async () => {
      const rsa = await rsaKey();
      const own = alg === 'RS256' ? [] : [await generateSigningKey(alg as SigningAlgorithm)];
      const keys = await keySet({ signing: [rsa, ...own] });
      const client = { ...CLIENT, ...(alg !== 'RS256' && { id_token_signed_response_alg: alg }) };
      const { connect, verified, header, visitor } = openidServer({ keys, clients: [client] });
      const { id_token, access_token } = await connect();
      const digest = createHash(hash).update(access_token).digest();
      const half = digest.subarray(0, digest.length / 2).toString('base64url');
      assert.deepEqual([header(id_token).alg, (await verified(id_token))['at_hash']], [alg, half]);
      await visitor().open({ id_token_hint: id_token }, 'alice').expect(200); // and it is read again
    });
  }

  it('an algorithm without a key: no ID token is issued, and the code can be used once there is a key', async () => {
    for (const alg of ['ES384', 'none', 'HS256', '', 5]) {
      const registered: Registered = { ...CLIENT };
      const server = openidServer({ keys: await rsaKeys(), clients: [registered] });
      const { code } = await browser(server.app).allow({ scope: 'openid' });
      Object.assign(registered, { id_token_signed_response_alg: alg });
      const { error, access_token, id_token } = (await exchangeCode(server.app, code).expect(500)).body;
      assert.deepEqual([error, access_token, id_token], ['server_error', undefined, undefined]);
      assert.match(String(server.errors.at(-1)), /No key of createServer\(\{ keys \}\) signs ID tokens by/);
      Object.assign(registered, { id_token_signed_response_alg: 'RS256' });
      await exchangeCode(server.app, code).expect(200);
    }
  });

  it('a signer elsewhere that fails: 503, and neither the dialog nor the code is lost', async () => {
    const own = await rsaKeys();
    let fails = false;
    const signing: KeySet['signing'] = (alg) => {
      if (fails) throw Object.assign(new Error('no signer'), { status: 503 });
      return own.signing(alg);
    };
    const server = openidServer({ keys: { ...own, signing }, openid: { responseTypes: ['code id_token'] } });
    const { open, decide } = server.visitor();
    const params = { response_type: 'code id_token', nonce: 'n' };
    const { transactionID } = (await open(params, 'alice').expect(200)).body;
    fails = true;
    assert.equal((await decide(transactionID, 'alice')).status, 503);
    fails = false;
    const { code } = redirected(await decide(transactionID, 'alice'));
    fails = true;
    await exchangeCode(server.app, code).expect(503);
    fails = false;
    await exchangeCode(server.app, code).expect(200);
  });

  it('openid() needs an issuer and a key for RS256, and says how to make one', async () => {
    const start = (options: object) => createServer(options).extend(openid()).check();
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    assert.throws(() => start({}), /openid\(\) needs an issuer/);
    for (const options of [{ issuer: ISSUER }, { issuer: ISSUER, keys }])
      assert.throws(() => start(options), /needs a key for RS256: .*generateSigningKey\('RS256'\)/);
    start({ issuer: ISSUER, keys: await rsaKeys() });
  });
});

describe('OpenID Connect Core §2: who it is for', () => {
  it('aud is the client alone, without azp; with further audiences azp is the client, also after a refresh', async () => {
    const keys = await rsaKeys();
    const openid = { idTokenAudiences: () => ['https://backend.example', CLIENT.client_id] };
    const { connect, refresh, verified, visitor } = openidServer({ keys, openid });
    const first = await connect();
    const { aud, azp } = await verified(first.id_token);
    assert.deepEqual([aud, azp], [[CLIENT.client_id, 'https://backend.example'], CLIENT.client_id]);
    const again = await verified((await refresh(first.refresh_token).expect(200)).body.id_token);
    assert.deepEqual([again.aud, again['azp']], [aud, azp]);
    await visitor().open({ id_token_hint: first.id_token }, 'alice').expect(200);
    const alone = openidServer({ keys, openid: { idTokenAudiences: () => undefined } });
    const { aud: only, azp: none } = await alone.verified((await alone.connect()).id_token);
    assert.deepEqual([only, none], [CLIENT.client_id, undefined]);
  });

  it('exp is idTokenLifetime after iat', async () => {
    const { connect, verified, clock } = openidServer({ keys: await rsaKeys(), openid: { idTokenLifetime: 60 } });
    assert.equal((await verified((await connect()).id_token)).exp, clock.now + 60);
  });

  it('claims of the application do not replace claims of the protocol', async () => {
    const names = ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce', 'auth_time', 'acr', 'azp', 'at_hash', 'sid'];
    const claims = JSON.stringify({ id_token: Object.fromEntries(names.map((name) => [name, null])) });
    const server = openidServer({
      keys: await rsaKeys(),
      openid: {
        findUser: (id) => ({ id, name: '' }),
        claims: () => Object.fromEntries(names.map((name) => [name, 'evil'])),
      },
    });
    const token = await server.verified((await server.connect({ claims, nonce: NONCE })).id_token);
    assert.deepEqual(
      Object.values(token).filter((value) => value === 'evil'),
      [],
    );
    assert.deepEqual([token.iss, token.sub, token['nonce']], [ISSUER, 'alice', NONCE]);
  });
});

describe('OpenID Connect Core §12: refresh', () => {
  it('§12.2 without openid in its scope there is no ID token', async () => {
    const { connect, refresh } = openidServer({ keys: await rsaKeys() });
    const first = await connect({ scope: 'openid read' });
    const narrowed = (await refresh(first.refresh_token, { scope: 'read' }).expect(200)).body;
    assert.equal('id_token' in narrowed, false);
    assert.equal('id_token' in (await refresh(narrowed.refresh_token).expect(200)).body, true);
  });

  it('a user who no longer exists: invalid_grant, and the refresh token is not spent', async () => {
    const users = new Set(['alice']);
    const openid = { findUser: (id: string) => users.has(id) && { id, name: 'Alice' } };
    const server = openidServer({ keys: await rsaKeys(), openid });
    const { refresh_token } = await server.connect();
    const { code } = await browser(server.app).allow({ scope: 'openid' });
    users.clear();
    assert.equal((await server.refresh(refresh_token).expect(400)).body.error, 'invalid_grant');
    assert.equal((await exchangeCode(server.app, code).expect(400)).body.error, 'invalid_grant');
    users.add('alice');
    await server.refresh(refresh_token).expect(200);
    await exchangeCode(server.app, code).expect(200);
  });

  it('a user who is gone before the decision: access_denied, where the ID token comes from there', async () => {
    const openid = { findUser: () => undefined, responseTypes: ['code id_token'] } as const;
    const { visitor } = openidServer({ keys: await rsaKeys(), openid });
    const { open, decide } = visitor();
    const { transactionID } = (await open({ response_type: 'code id_token', nonce: 'n' }, 'alice').expect(200)).body;
    assert.equal(redirected(await decide(transactionID, 'alice'))['error'], 'access_denied');
  });

  it('another client cannot use it', async () => {
    const { connect, refresh } = openidServer({ keys: await rsaKeys() });
    const { refresh_token } = await connect();
    assert.equal((await refresh(refresh_token, {}, OTHER).expect(400)).body.error, 'invalid_grant');
  });

  it('a grant type that is not of users gets none, although somebody has authorized it, with openid', async () => {
    const other = 'urn:example:other';
    let kept: Authorization | undefined;
    const server = openidServer({
      keys: await rsaKeys(),
      plug: (as) => {
        const redeeming = exchange.code<App>({ redeem: () => kept, issue: () => ({ access_token: 'a token' }) });
        as.exchange(Object.assign(redeeming, { name: other, stepsFor: other }));
        const check = (authorization: Authorization): void => {
          kept = authorization;
        };
        as.extend({ name: 'watch', token: { check } });
      },
    });
    assert.ok((await server.connect()).id_token);
    const params = { grant_type: other, code: 'x', redirect_uri: CALLBACK, code_verifier: VERIFIER };
    const { body } = await tokenRequest(server.app, params).expect(200);
    assert.deepEqual([body.access_token, 'id_token' in body], ['a token', false]);
  });

  it('a client that acts for itself gets none', async () => {
    const server = openidServer({
      keys: await rsaKeys(),
      plug: (as) => as.exchange(exchange.clientCredentials(() => 'a token')),
    });
    const request = tokenRequest(server.app, { grant_type: 'client_credentials', scope: 'openid' });
    assert.equal('id_token' in (await request.expect(200)).body, false);
  });
});

describe('OpenID Connect Registration §2: the members that are judged', () => {
  const judge = async (metadata: object) => {
    const authenticationEvent = () => undefined;
    const server = createServer({ issuer: ISSUER, keys: await rsaKeys(), authenticationEvent }).extend(openid());
    return server.core.extension('openid')?.register?.(metadata);
  };
  const good: readonly object[] = [
    {},
    { id_token_signed_response_alg: 'RS256', default_max_age: 0, require_auth_time: true },
    { default_acr_values: ['mfa'], initiate_login_uri: 'https://client.example/login' },
  ];
  const bad: readonly object[] = [
    ...['none', 'HS256', 'ES256'].map((alg) => ({ id_token_signed_response_alg: alg })),
    ...[-1, 1.5, '60'].map((age) => ({ default_max_age: age })),
    { require_auth_time: 'yes' },
    { default_acr_values: 'mfa' },
    { default_acr_values: [1] },
    ...['http://client.example/login', '/login', 5].map((uri) => ({ initiate_login_uri: uri })),
    { id_token_encrypted_response_alg: 'RSA-OAEP' },
    { userinfo_encrypted_response_enc: 'A128CBC-HS256' },
  ];
  for (const metadata of good)
    it(`takes ${JSON.stringify(metadata)}`, async () => {
      assert.deepEqual(await judge(metadata), metadata);
    });
  for (const metadata of bad)
    it(`refuses ${JSON.stringify(metadata)}`, async () => {
      await assert.rejects(judge(metadata), { code: 'invalid_client_metadata', status: 400 });
    });
});

describe('OpenID Connect Core §3.1.3.6, §3.3.2.11: hashes', () => {
  it('of the example in appendix A.3, A.4 and A.6', () => {
    assert.equal(leftHalfHash('jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', 'RS256'), '77QmUPtjPfzWtF2AnpK9RQ');
    assert.equal(
      leftHalfHash('Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', 'RS256'),
      'LDktKdoQak3Pk0cnXxCltA',
    );
  });

  it('of the other algorithms, by the hash of the algorithm', () => {
    for (const [alg, length] of [
      ['ES384', 24],
      ['PS512', 32],
      ['EdDSA', 32],
      ['RS256', 16],
    ] as const)
      assert.equal(Buffer.from(leftHalfHash('x', alg), 'base64url').length, length);
    for (const alg of ['none', 'HS256', 'RS1']) assert.throws(() => leftHalfHash('x', alg));
  });
});
