/** JWT Secured Authorization Response Mode for OAuth 2.0 (JARM). */
import assert from 'node:assert/strict';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { createServer, issuer, jwtResponses, pushedRequests } from 'koauthorize';
import { generateSigningKey, type KeySet, keySet } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { CALLBACK, ISSUER, REQUEST, redirected } from '../support/authorization-server.js';
import { CONFIDENTIAL } from '../support/client-auth.js';
import { assertErrorHere } from '../support/form.js';
import { type PushingSetup, pushingServer } from '../support/pushing-server.js';

const ID = CONFIDENTIAL.client_id;
const IMPLICIT = { response_type: 'token', code_challenge: undefined, code_challenge_method: undefined };

describe('JARM', () => {
  let keys: KeySet;
  before(async () => {
    keys = await keySet({ signing: await generateSigningKey('ES256') });
  });

  const made = (setup: Partial<PushingSetup> = {}, lifetime?: number) =>
    pushingServer({
      keys,
      plug: (server) => server.grant('code token'),
      ...setup,
      plugs: [jwtResponses(lifetime === undefined ? {} : { lifetime }), pushedRequests()],
    });
  type Made = ReturnType<typeof made>;

  /** What the client is sent for a decision. */
  async function answered(server: Made, params: object, decision: object = {}): Promise<Response> {
    const { open, decide } = server.visitor();
    const dialog = await open({ ...REQUEST, ...params }).expect(200);
    return decide(dialog.body.transactionID, decision);
  }

  /** The claims of a response that is verified as a client does it (§2.4). */
  async function opened(server: Made, jwt: string | undefined) {
    const options = { issuer: ISSUER, audience: ID, currentDate: new Date(server.clock.now * 1000) };
    const { payload } = await jwtVerify(String(jwt), createLocalJWKSet(keys.jwks() as JSONWebKeySet), options);
    return payload;
  }

  const hidden = (html: string): string | undefined => /name="response" value="([^"]+)"/.exec(html)?.[1];

  describe('§2.1 the JWT', () => {
    it('§2.1 has iss, aud, exp and the response parameters, and no parameter is sent outside it', async () => {
      const server = made();
      const answer = await answered(server, { response_mode: 'jwt' });
      const sent = redirected(answer);
      assert.deepEqual(Object.keys(sent), ['response']);
      const { code, ...more } = await opened(server, sent['response']);
      assert.match(String(code), /^[\w-]{20,}/);
      assert.deepEqual(more, { iss: ISSUER, aud: ID, exp: server.clock.now + 300, state: REQUEST.state });
    });

    it('§2.1.2 of a token: the parameters are text as they are without JWT', async () => {
      const server = made();
      const claims = await opened(
        server,
        redirected(await answered(server, { ...IMPLICIT, response_mode: 'jwt' }))['response'],
      );
      assert.deepEqual(
        [claims['token_type'], claims['expires_in'], claims['state']],
        ['Bearer', '3600', REQUEST.state],
      );
      assert.ok(claims['access_token']);
    });

    it('§2.1 errors are signed, too: a denial, and what is wrong with a request', async () => {
      const server = made();
      const denied = redirected(await answered(server, { response_mode: 'jwt' }, { cancel: 'yes' }));
      assert.deepEqual(Object.keys(denied), ['response']);
      const denial = await opened(server, denied['response']);
      assert.deepEqual([denial['error'], denial['state'], denial['code']], ['access_denied', REQUEST.state, undefined]);
      const wrong = redirected(await server.visitor().open({ ...REQUEST, response_mode: 'jwt', code_challenge: 'x' }));
      assert.deepEqual(Object.keys(wrong), ['response']);
      assert.equal((await opened(server, wrong['response']))['error'], 'invalid_request');
    });

    it('§2.2 is signed with a key of the published set, which kid names, by an algorithm of the metadata', async () => {
      const server = made();
      const { response = '' } = redirected(await answered(server, { response_mode: 'jwt' }));
      const { alg, kid } = decodeProtectedHeader(response);
      assert.deepEqual([alg, kid], ['ES256', keys.signing().kid]);
      assert.deepEqual((await server.metadata()).authorization_signing_alg_values_supported, ['ES256']);
    });

    it('§2.1 has iss also for a client whose other responses have none', async () => {
      const server = made({ plug: (server) => server.extend(issuer(ISSUER, { allowMixUp: () => true })) });
      const { response } = redirected(await answered(server, { response_mode: 'jwt' }));
      assert.equal((await opened(server, response))['iss'], ISSUER);
    });

    it('§2.1 exp is at most 10 minutes ahead', async () => {
      for (const lifetime of [9, 601, 0, -1, Number.NaN]) assert.throws(() => jwtResponses({ lifetime }), TypeError);
      const server = made({}, 600);
      const { exp } = await opened(server, redirected(await answered(server, { response_mode: 'jwt' }))['response']);
      assert.equal(exp, server.clock.now + 600);
    });

    it('the button pressed twice gets the same code, signed again', async () => {
      const server = made();
      const { open, decide } = server.visitor();
      const { transactionID } = (await open({ ...REQUEST, response_mode: 'jwt' }).expect(200)).body;
      const [one = {}, two = {}] = (await Promise.all([decide(transactionID), decide(transactionID)])).map(redirected);
      const [first, second] = [await opened(server, one['response']), await opened(server, two['response'])];
      assert.equal(first['code'], second['code']);
    });
  });

  describe('§2.3 how it is sent', () => {
    for (const [mode, params, mark] of [
      ['query.jwt', {}, '?'],
      ['jwt', {}, '?'],
      ['fragment.jwt', {}, '#'],
      ['jwt', IMPLICIT, '#'],
      ['jwt', { response_type: 'code token' }, '#'],
      ['jwt', { response_type: 'token code' }, '#'],
      ['fragment.jwt', IMPLICIT, '#'],
    ] as const) {
      const type = 'response_type' in params ? params.response_type : 'code';
      it(`§2.3 ${mode} for ${type}: after the ${mark} of the redirect URI`, async () => {
        const server = made();
        const answer = await answered(server, { ...params, response_mode: mode });
        const { location = '' } = answer.headers;
        assert.ok(location.startsWith(`${CALLBACK}${mark}response=`), location);
        await opened(server, redirected(answer)['response']);
      });
    }

    it('§2.3.3 form_post.jwt: in a form that the browser posts', async () => {
      const server = made();
      const answer = await answered(server, { response_mode: 'form_post.jwt' });
      assert.equal(answer.status, 200);
      assert.match(answer.text, new RegExp(`action="${CALLBACK}"`));
      assert.equal(answer.text.match(/<input/g)?.length, 1);
      assert.ok((await opened(server, hidden(answer.text)))['code']);
    });

    for (const response_type of ['token', 'code token']) {
      it(`§2.3.1 query.jwt is refused for ${response_type}: no token in a query`, async () => {
        const server = made();
        const params = {
          ...REQUEST,
          ...(response_type === 'token' ? IMPLICIT : {}),
          response_type,
          response_mode: 'query.jwt',
        };
        const answer = await server.visitor().open(params);
        assert.equal(redirected(answer)['error'], 'invalid_request');
        assert.match(answer.headers['location'] ?? '', /callback#error=/);
        assertErrorHere(await server.push({ ...params }), 400, 'invalid_request');
      });
    }

    it('§4 the metadata lists the modes', async () => {
      const { response_modes_supported: modes } = await made().metadata();
      assert.deepEqual(modes, ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']);
    });

    it('without response_mode a response is as before', async () => {
      const server = made();
      assert.deepEqual(Object.keys(redirected(await answered(server, {}))).sort(), ['code', 'iss', 'state']);
    });

    it('is pushed: the mode of the pushed request counts', async () => {
      const server = made();
      const { open, decide } = server.visitor();
      const request_uri = await server.uriOf({ response_mode: 'jwt' });
      const dialog = await open({ client_id: ID, request_uri, response_mode: 'query' }).expect(200);
      assert.ok((await opened(server, redirected(await decide(dialog.body.transactionID))['response']))['code']);
    });
  });

  describe('§3 the client’s algorithm', () => {
    const registered = (authorization_signed_response_alg: unknown, setup: Partial<PushingSetup> = {}) =>
      made({ ...setup, clients: [{ ...CONFIDENTIAL, authorization_signed_response_alg }] });

    it('§3 authorization_signed_response_alg is the one that is used', async () => {
      const server = registered('ES256');
      const { response = '' } = redirected(await answered(server, { response_mode: 'jwt' }));
      assert.equal(decodeProtectedHeader(response).alg, 'ES256');
    });

    for (const alg of ['none', 'HS256', 'PS256', '', 7]) {
      it(`§3 nothing is sent to a client that registered ${JSON.stringify(alg)}, by which nothing signs`, async () => {
        const server = registered(alg);
        assertErrorHere(await answered(server, { response_mode: 'jwt' }), 500, 'server_error');
        assert.match(String(server.errors.at(-1)), /signs authorization responses/);
      });
    }

    for (const member of ['authorization_encrypted_response_alg', 'authorization_encrypted_response_enc']) {
      const encrypted = { ...CONFIDENTIAL, [member]: 'A256GCM' };

      it(`§3 nothing is sent, unencrypted, to a client that registered ${member}: it is refused before the user is asked`, async () => {
        const server = made({ clients: [encrypted] });
        for (const response_mode of ['jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt']) {
          const { open } = server.visitor();
          const answer = await open({ ...REQUEST, response_mode });
          assertErrorHere(answer, 403, 'unauthorized_client');
          assert.equal('location' in answer.headers, false);
          assert.match(String((server.errors.at(-1) as Error).cause), new RegExp(member));
        }
        const pushed = await server.push({ ...REQUEST, response_mode: 'jwt' });
        assertErrorHere(pushed, 400, 'unauthorized_client');
      });

      it(`§3 a client that registered ${member} is answered in another mode as before`, async () => {
        const server = made({ clients: [encrypted] });
        assert.ok(redirected(await answered(server, {}))['code']);
      });
    }

    it('§3 nothing is sent to a client that has registered encryption while the dialog was open', async () => {
      const client = { ...CONFIDENTIAL };
      const server = made({ clients: [client] });
      const { open, decide } = server.visitor();
      const dialog = await open({ ...REQUEST, response_mode: 'jwt' }).expect(200);
      Object.assign(client, { authorization_encrypted_response_alg: 'RSA-OAEP-256' });
      assertErrorHere(await decide(dialog.body.transactionID), 403, 'unauthorized_client');
    });

    it('a signer that cannot be reached spends nothing: the dialog stays, and so does the pushed request', async () => {
      let isDown = false;
      const signing = (alg?: string) => {
        if (isDown) throw Object.assign(new Error('The key service does not answer'), { status: 503 });
        return keys.signing(alg);
      };
      const server = made({ keys: { ...keys, signing } });
      const { request_uri } = (await server.push({ ...REQUEST, response_mode: 'jwt' }).expect(201)).body;
      const { open, decide } = server.visitor();
      const dialog = await open({ client_id: ID, request_uri }).expect(200);
      isDown = true;
      assertErrorHere(await decide(dialog.body.transactionID), 503, 'temporarily_unavailable');
      isDown = false;
      const { code } = await opened(server, redirected(await decide(dialog.body.transactionID))['response']);
      assert.match(String(code), /^[\w-]{20,}/);
    });

    it('never by HMAC or none, whatever the application’s keys give', async () => {
      for (const alg of ['HS256', 'none']) {
        const own = { kid: 'x', alg, key: new Uint8Array(32) };
        const weak = { signing: () => own, find: () => own, jwks: () => ({ keys: [{ alg }] }) };
        const server = createServer({ issuer: ISSUER, keys: weak }).extend(jwtResponses());
        assert.throws(() => server.check(), /needs a key/);
      }
    });

    it('§3 never by another algorithm than the registered one, whatever the application’s keys give', async () => {
      const careless = { ...keys, signing: () => keys.signing() };
      const server = registered('PS256', { keys: careless });
      assertErrorHere(await answered(server, { response_mode: 'jwt' }), 500, 'server_error');
    });

    it('without an issuer or a key it fails at start', () => {
      assert.throws(() => createServer({ keys }).extend(jwtResponses()).check(), /needs an issuer/);
      assert.throws(() => createServer({ issuer: ISSUER }).extend(jwtResponses()).check(), /needs a key/);
    });
  });
});
