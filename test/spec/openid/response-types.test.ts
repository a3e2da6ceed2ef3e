/** OpenID Connect Core §3.2, §3.3: ID tokens that come by way of the browser, and what comes beside them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import session from 'koa-session';
import { grant, jwtResponses, openid } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import type { Response } from 'supertest';
import { sessionStore } from '../../../examples/quickstart/data.js';
import {
  authorizationServer,
  CALLBACK,
  CLIENT,
  exchangeCode,
  ISSUER,
  redirected,
} from '../../support/authorization-server.js';
import { type OpenIDServer, type OpenIDSetup, openidServer, rsaKeys } from '../../support/openid-server.js';

const NONCE = 'n-0S6_WzA2Mj';
const TYPES = ['id_token', 'id_token token', 'code id_token', 'code id_token token'] as const;
const WITHOUT_CODE = { code_challenge: undefined, code_challenge_method: undefined };

const half = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

describe('OpenID Connect Core §3.2, §3.3: response types', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  const made = (setup: Partial<OpenIDSetup> = {}) =>
    openidServer({ keys, ...setup, openid: { responseTypes: [...TYPES], ...setup.openid } });

  const paramsFor = (response_type: string) => ({
    response_type,
    nonce: NONCE,
    scope: 'openid read',
    ...(!response_type.includes('code') && WITHOUT_CODE),
  });

  async function answered(server: OpenIDServer, params: object, decision: object = {}): Promise<Response> {
    const { open, decide } = server.visitor();
    const dialog = await open({ ...params }, 'alice').expect(200);
    return decide(dialog.body.transactionID, 'alice', decision);
  }

  function assertInFragment(response: Response): Record<string, string> {
    assert.ok([302, 303].includes(response.status), response.text);
    const { search, origin, pathname } = new URL(response.headers['location'] ?? '');
    assert.deepEqual([search, origin + pathname], ['', CALLBACK]);
    return redirected(response);
  }

  for (const type of TYPES) {
    it(`§3.2.2.5, §3.3.2.5 ${type}: all parameters are in the fragment, and the ID token has the hashes of the code and the access token`, async () => {
      const server = made();
      const sent = assertInFragment(await answered(server, paramsFor(type)));
      const words = type.split(' ');
      const names = [
        ...['id_token', 'iss', 'state'],
        ...(words.includes('code') ? ['code'] : []),
        ...(words.includes('token') ? ['access_token', 'expires_in', 'scope', 'token_type'] : []),
      ];
      assert.deepEqual(
        Object.keys(sent)
          .filter((name) => name !== 'scope')
          .sort(),
        names.filter((name) => name !== 'scope').sort(),
      );
      const { at_hash, c_hash, nonce, iss, sub } = await server.verified(sent['id_token']);
      assert.deepEqual([nonce, iss, sub], [NONCE, ISSUER, 'alice']);
      assert.equal(at_hash, sent['access_token'] && half(sent['access_token']));
      assert.equal(c_hash, sent['code'] && half(sent['code']));
    });

    it(`§3.2.2.1, §3.3.2.1 ${type}: a request without a nonce is refused, with the error in the fragment`, async () => {
      const { visitor } = made();
      const { error } = assertInFragment(await visitor().open({ ...paramsFor(type), nonce: undefined }, 'alice'));
      assert.equal(error, 'invalid_request');
    });

    it(`§3.2.2.6, §3.3.2.6 ${type}: errors are in the fragment, also where the query is asked for`, async () => {
      const server = made();
      const denied = assertInFragment(await answered(server, paramsFor(type), { cancel: 'yes' }));
      assert.deepEqual([denied['error'], denied['id_token'], denied['code']], ['access_denied', undefined, undefined]);
      const wrong = await server.visitor().open({ ...paramsFor(type), response_mode: 'query' }, 'alice');
      assert.equal(assertInFragment(wrong)['error'], 'invalid_request');
    });

    it(`Form Post Response Mode §2 ${type}: a page that posts it`, async () => {
      const response = await answered(made(), { ...paramsFor(type), response_mode: 'form_post' });
      assert.match(response.text, /name="id_token" value="[\w.-]+"/);
      assert.equal(response.headers['location'], undefined);
    });
  }

  it('§3.3.2.5 code token: no ID token from here, and no nonce is needed', async () => {
    const server = made();
    const sent = assertInFragment(await answered(server, { ...paramsFor('code token'), nonce: undefined }));
    assert.deepEqual(
      [typeof sent['code'], typeof sent['access_token'], sent['id_token']],
      ['string', 'string', undefined],
    );
    const { id_token } = (await exchangeCode(server.app, sent['code']).expect(200)).body;
    assert.equal((await server.verified(id_token)).sub, 'alice');
  });

  it('§3.3.3.6 the ID token of the code has the same iss, sub, aud and nonce', async () => {
    const server = made();
    const sent = assertInFragment(await answered(server, paramsFor('code id_token')));
    const first = await server.verified(sent['id_token']);
    const { id_token } = (await exchangeCode(server.app, sent['code']).expect(200)).body;
    const second = await server.verified(id_token);
    const same = ({ iss, sub, aud, nonce }: typeof first) => ({ iss, sub, aud, nonce });
    assert.deepEqual(same(second), same(first));
  });

  it('who presses the button twice is sent the same again, while the code is unused', async () => {
    const server = made({ session: (app) => session({ store: sessionStore() }, app) });
    const { open, decide } = server.visitor();
    const { transactionID } = (await open(paramsFor('code id_token'), 'alice')).body;
    const first = assertInFragment(await decide(transactionID, 'alice'));
    assert.deepEqual(assertInFragment(await decide(transactionID, 'alice')), first);
    await exchangeCode(server.app, first['code']).expect(200);
    assert.equal((await decide(transactionID, 'alice')).status, 403);
  });

  it('§3 the words of a response type may come in any order', async () => {
    assertInFragment(await answered(made(), paramsFor('token code id_token')));
  });

  it('§5.4 claims of the scope are asked for the ID token only where there is no access token for UserInfo', async () => {
    for (const type of [...TYPES, 'code']) {
      const asked: unknown[] = [];
      const server = made({
        openid: {
          findUser: (id) => ({ id, name: 'Alice' }),
          claims: (_user, { scope }) => {
            asked.push(scope);
            return {};
          },
        },
      });
      const sent = redirected(await answered(server, paramsFor(type)));
      if (sent['code']) await exchangeCode(server.app, sent['code']).expect(200);
      assert.deepEqual(new Set(asked.map(String)), new Set([type === 'id_token' ? 'openid,read' : '']), type);
    }
  });

  it('§3.1.2.1 an ID token without the scope openid is refused, asked for or granted', async () => {
    const server = made();
    const asked = await server.visitor().open({ ...paramsFor('id_token'), scope: 'read' }, 'alice');
    assert.equal(assertInFragment(asked)['error'], 'invalid_scope');
    const { open } = server.visitor();
    const narrowing = made({ decision: (as) => as.decision(() => ({ scope: ['read'] })) });
    const granted = assertInFragment(await answered(narrowing, paramsFor('id_token')));
    assert.equal(granted['error'], 'access_denied');
    await open({ ...paramsFor('code'), scope: 'read' }, 'alice').expect(200);
  });

  it('what is not in responseTypes is not there', async () => {
    const { visitor } = openidServer({ keys });
    for (const type of TYPES) {
      const { error } = redirected(await visitor().open(paramsFor(type), 'alice').expect(302));
      assert.equal(error, 'unsupported_response_type', type);
    }
  });

  it('Registration §2: id_token needs the grant type implicit, and code id_token both', async () => {
    const registered = { ...CLIENT, grant_types: ['authorization_code'] };
    const { visitor } = made({ clients: [registered] });
    for (const type of TYPES) {
      const { error } = redirected(await visitor().open(paramsFor(type), 'alice').expect(302));
      assert.equal(error, 'unauthorized_client', type);
    }
  });

  it('JARM §2.3: a signed response has the ID token, in the fragment', async () => {
    const server = made({ plug: (as) => as.extend(jwtResponses()) });
    const { response } = assertInFragment(
      await answered(server, { ...paramsFor('code id_token'), response_mode: 'jwt' }),
    );
    const { id_token, code } = await server.verified(response);
    const { c_hash } = await server.verified(id_token);
    assert.equal(c_hash, half(String(code)));
  });

  it('a grant that is missing is an error when openid() is plugged in', () => {
    for (const [type, word] of [
      ['code id_token', 'code'],
      ['id_token token', 'token'],
    ] as const)
      assert.throws(
        () =>
          authorizationServer({
            options: { issuer: ISSUER, keys },
            plug: (as) => as.extend(openid({ responseTypes: [type] })),
          }),
        { message: `openid({ responseTypes }) has ${type}: register the grant for ${word} before openid()` },
      );
    const plug = (types: readonly string[]) => () =>
      authorizationServer({
        options: { issuer: ISSUER, keys },
        plug: (as) => as.grant(grant.code(() => 'c')).extend(openid({ responseTypes: types as never })),
      });
    for (const type of ['code', 'id_token device', '']) assert.throws(plug([type]), TypeError);
  });
});
