/** RFC 9700: best current practice for OAuth 2.0 security, as far as it is not with the RFC it concerns. */
import assert from 'node:assert/strict';
import { type Authorization, exchange, grant, metadata } from 'koauthorize';
import request from 'supertest';
import {
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  ISSUER,
  issuing,
  OTHER,
  REQUEST,
  redirected,
  tokenRequest,
  VERIFIER,
} from '../support/authorization-server.js';
import { assertErrorHere, encode } from '../support/form.js';

describe('RFC 9700', function () {
  this.timeout(60_000); // other processes, large keys or much data: on a busy machine they take long
  describe('§2.1, §4.1.3 redirect URIs are compared as strings', () => {
    /** What used to be registered, or taken, as a pattern. */
    const PATTERNS: readonly (readonly [registered: string, requested: string])[] = [
      ['https://client.example/*', 'https://client.example/callback'],
      ['https://*.client.example/callback', 'https://a.client.example/callback'],
      ['https://client.example/', 'https://client.example/callback'],
      ['https://client.example', 'https://client.example/'],
      ['https://client.example/callback', 'https://client.example/callback/../open?to=https://evil.example'],
      ['https://client.example/.*', 'https://client.example/callback'],
      ['https://client.example/callback(a)?', 'https://client.example/callback'],
      ['^https://client.example/callback$', 'https://client.example/callback'],
      ['https://client.example:*/callback', 'https://client.example:8443/callback'],
      ['http://127.0.0.1:*/callback', 'http://127.0.0.1:8443/callback'],
    ];
    for (const [registered, requested] of PATTERNS) {
      it(`§4.1.3 ${registered} does not stand for ${requested}`, async () => {
        const { app } = authorizationServer({ clients: [{ ...CLIENT, redirect_uris: [registered] }] });
        assertErrorHere(await browser(app).authorize({ redirect_uri: requested }), 400, 'invalid_request');
      });
    }
  });

  describe('§4.11 the server is no open redirector', () => {
    const evil = { redirect_uri: 'https://evil.example/' };
    const ATTEMPTS: readonly (readonly [title: string, params: object])[] = [
      ['an unknown client', { ...evil, client_id: 'nobody' }],
      ['no client', { ...evil, client_id: undefined }],
      ['a client of another redirect URI', evil],
      ['an invalid scope', { ...evil, scope: '"' }],
      ['an unsupported response type', { ...evil, response_type: 'foo' }],
      ['a missing challenge', { ...evil, code_challenge: undefined }],
      ['prompt=none', { ...evil, prompt: 'none' }],
    ];
    for (const [title, params] of ATTEMPTS) {
      it(`§4.11.2 ${title}: no redirect`, async () => {
        const { app } = authorizationServer();
        const response = await browser(app).authorize(params as Record<string, string | undefined>);
        assert.ok([400, 403].includes(response.status));
        assert.equal(response.headers['location'], undefined);
        assert.equal(response.text.includes('evil'), false);
      });
    }
  });

  describe('§4.12 credentials in forms do not travel on', () => {
    it('§4.12 no answer to a POST is 307 or 308: allowed, denied, failed, and the request itself', async () => {
      const { app } = authorizationServer();
      const { agent, authorize, decide } = browser(app);
      const statuses: number[] = [];
      for (const form of [{}, { cancel: '1' }]) {
        statuses.push((await decide((await authorize()).body.transactionID, form)).status);
      }
      const refused = agent
        .post('/authorize')
        .type('form')
        .send(encode({ ...REQUEST, scope: '"' }));
      statuses.push((await refused).status);
      assert.deepEqual(statuses, [303, 303, 303]);
    });
  });

  describe('§4.5 an injected code', () => {
    it('§4.5.3.1 §2.1.1 is of no use in the session of another client instance', async () => {
      const { app } = authorizationServer();
      const { code: stolen } = await browser(app, 'alice').allow();
      const attacker = 'z'.repeat(43);
      assertErrorHere(await exchangeCode(app, stolen, { code_verifier: attacker }), 400, 'invalid_grant');
    });

    it('§4.5.3 is of no use to another client', async () => {
      const { app } = authorizationServer();
      const { code: stolen } = await browser(app).allow();
      assertErrorHere(await exchangeCode(app, stolen, {}, OTHER), 400, 'invalid_grant');
    });
  });

  describe('§4.8.2 PKCE downgrade', () => {
    it('§4.8.2 a request whose challenge the attacker removed is not answered with a code', async () => {
      const { app } = authorizationServer();
      const params = { code_challenge: undefined, code_challenge_method: undefined };
      const { error, code } = redirected(await browser(app).authorize(params));
      assert.deepEqual([error, code], ['invalid_request', undefined]);
    });
  });

  describe('§4.4 mix-up', () => {
    it('§4.4.2.1 the issuer of the response is the issuer of the metadata', async () => {
      const { app } = authorizationServer({
        routes: (router, server) => router.get('/metadata', server.endpoint(metadata())),
      });
      const { body } = await request(app.callback()).get('/metadata');
      assert.equal((await browser(app).allow())['iss'], body.issuer);
      assert.equal(body.issuer, ISSUER);
    });
  });

  describe('§4.14 refresh tokens', () => {
    it('§4.14.2 the callback takes the token it is shown: a rotated one is refused', async () => {
      const { app } = authorizationServer();
      const { code } = await browser(app).allow();
      const first = (await exchangeCode(app, code)).body.refresh_token;
      const refresh = (refresh_token: string) => tokenRequest(app, { grant_type: 'refresh_token', refresh_token });
      const second = (await refresh(first)).body.refresh_token;
      assert.notEqual(second, first);
      assertErrorHere(await refresh(first), 400, 'invalid_grant');
      assert.equal((await refresh(second)).status, 200);
    });

    it('§4.14.2 refresh tokens stay bound to the scope that the resource owner allowed', async () => {
      const { app } = authorizationServer({ decision: (server) => server.decision(() => ({ scope: 'read' })) });
      const { code } = await browser(app).allow({ scope: 'read write' });
      const { body } = await exchangeCode(app, code);
      assert.equal(body.scope, 'read');
      const params = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      assertErrorHere(await tokenRequest(app, { ...params, scope: 'read write' }), 400, 'invalid_scope');
    });
  });

  describe('§2.1.2, §2.4 what is legacy is not there unless it is plugged in', () => {
    it('§2.1.2 response_type=token', async () => {
      const { app } = authorizationServer();
      const { error } = redirected(await browser(app).authorize({ response_type: 'token' }));
      assert.equal(error, 'unsupported_response_type');
    });

    it('§2.4 grant_type=password', async () => {
      const { app } = authorizationServer();
      const params = { grant_type: 'password', username: 'alice', password: 'secret' };
      assertErrorHere(await tokenRequest(app, params), 400, 'unsupported_grant_type');
    });
  });

  describe('§2.1.1 a server that issues codes without PKCE', () => {
    async function warnings(extension: string): Promise<string[]> {
      const program = `
        import { createServer, grant, pkce } from 'koauthorize';
        import { authorizationServer, browser } from './test/support/authorization-server.js';
        const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(() => 'code')).extend(${extension}) });
        process.on('warning', ({ code, name }) => { if (code) console.log(name, code); });
        await browser(app).allow();
        await browser(app).allow();
        console.log('allowed');
        process.exit();`;
      const { node } = await import('../run.js');
      const { stdout, output } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
      assert.match(stdout, /^allowed$/m, output);
      return stdout.split('\n').filter((line) => line.includes('PKCE'));
    }

    it('says so, once, in a process warning with a code of its own', async () => {
      const other = "{ name: 'other', prevents: ['another attack'] }";
      assert.deepEqual(await warnings(other), ['KoauthorizeWarning KOAUTHORIZE_WITHOUT_PKCE']);
    });

    for (const extension of ['pkce({ allowMissing: () => true })', "{ name: 'other', prevents: ['code injection'] }"]) {
      it(`says nothing with ${extension}`, async () => {
        assert.deepEqual(await warnings(extension), []);
      });
    }
  });

  describe('§4.7 a server that cannot bind its dialogs to users', () => {
    it('says so, once, in a process warning with a code of its own', async () => {
      const program = `
        import { authorizationServer, browser } from './test/support/authorization-server.js';
        const { app } = authorizationServer({ options: { subject: () => undefined } });
        process.on('warning', ({ code, name }) => { if (code) console.log(name, code); });
        await browser(app).authorize();
        await browser(app).authorize();
        process.exit();`;
      const { node } = await import('../run.js');
      const { stdout, output } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
      const said = stdout.split('\n').filter((line) => line.includes('SUBJECT'));
      assert.deepEqual(said, ['KoauthorizeWarning KOAUTHORIZE_SUBJECT'], output);
    });
  });

  describe('whose clients have another shape', () => {
    it('§4.1.3 §4.5 are protected as any other once the server was told', async () => {
      const { codes, take, put } = issuing();
      const callbacks = ['https://client.example/own'];
      const { app } = authorizationServer({
        options: { clientID: () => 'inner', redirectURIs: () => callbacks },
        plug: (server) =>
          server
            .grant(grant.code({ issue: (_txn, authorization) => put(codes, authorization) }))
            .exchange(exchange.code({ redeem: take(codes), issue: () => ({ access_token: 'token' }) })),
      });
      assertErrorHere(await browser(app).authorize({ redirect_uri: CALLBACK }), 400, 'invalid_request');
      const redirect_uri = callbacks[0];
      await browser(app).allow({ redirect_uri });
      const [authorization] = [...codes.values()] as [Authorization];
      assert.equal(authorization.clientID, 'inner');
    });
  });

  it('§4.3.1 §4.2.4 no secret of the exchange is in a URL, a header or an error', async () => {
    const { app } = authorizationServer();
    const { code } = await browser(app).allow();
    const wrong = await exchangeCode(app, code, { redirect_uri: 'https://evil.example/' });
    for (const secret of [code, VERIFIER, 'client-secret']) {
      assert.equal(`${JSON.stringify(wrong.headers)}${wrong.text}`.includes(secret ?? '?'), false);
    }
  });

  it('what debug prints has no secrets in it', async () => {
    const program = `
      import { authorizationServer, browser, exchangeCode } from './test/support/authorization-server.js';
      const { app } = authorizationServer();
      const { code } = await browser(app).allow({ state: 'the-secret-state' });
      const { body } = await exchangeCode(app, code);
      console.log(JSON.stringify([code, body.access_token, body.refresh_token, 'the-secret-state', 'client-secret']));
      process.exit();`;
    const { run } = await import('../run.js');
    const { stdout, output } = await run('/usr/bin/env', [
      'DEBUG=koauthorize:*',
      process.execPath,
      '--import',
      './test/register.mjs',
      '--input-type=module',
      '-e',
      program,
    ]);
    const secrets: string[] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]');
    assert.equal(secrets.length, 5, output);
    assert.match(output, /koauthorize:token/);
    const printed = output.replaceAll(stdout, '');
    for (const secret of [...secrets, VERIFIER]) assert.equal(printed.includes(secret), false, secret);
  });
});
