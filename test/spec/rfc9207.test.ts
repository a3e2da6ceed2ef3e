/** RFC 9207: the issuer is in every authorization response, so that clients tell servers apart. */
import assert from 'node:assert/strict';
import { AuthorizationError, exchange, grant, issuer } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CLIENT,
  ISSUER,
  type Params,
  plugAll,
  redirected,
  type Setup,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

type Plug = NonNullable<Setup['plug']>;

const withTokens: Plug = (server) => {
  plugAll(server);
  server.grant(grant.token(() => 'token')).grant('code token');
};

interface Row {
  readonly title: string;
  readonly setup?: Setup;
  readonly params?: Params;
  readonly form?: object;
  /** What the answer has besides. */
  readonly has: string;
}

const fail = (error: Error) => () => {
  throw error;
};

const ROWS: readonly Row[] = [
  { title: 'a code', has: 'code' },
  { title: 'a code in the fragment', params: { response_mode: 'fragment' }, has: 'code' },
  { title: 'a token', params: { response_type: 'token' }, has: 'access_token' },
  { title: 'code and token', params: { response_type: 'code token' }, has: 'code' },
  { title: 'a denial', form: { cancel: '' }, has: 'error' },
  { title: 'a denial in the fragment', params: { response_type: 'token' }, form: { cancel: '' }, has: 'error' },
  { title: 'an unsupported response type', params: { response_type: 'foo' }, has: 'error' },
  { title: 'a missing response type', params: { response_type: undefined }, has: 'error' },
  { title: 'an unsupported response mode', params: { response_mode: 'foo' }, has: 'error' },
  { title: 'a repeated parameter', params: { scope: ['a', 'b'] }, has: 'error' },
  { title: 'a malformed scope', params: { scope: '"' }, has: 'error' },
  { title: 'a missing challenge', params: { code_challenge: undefined }, has: 'error' },
  { title: 'no state', params: { state: undefined }, has: 'code' },
  { title: 'an error without a state', params: { state: undefined, scope: '"' }, has: 'error' },
  { title: 'an iss of the request', params: { iss: 'https://evil.example' }, has: 'code' },
  {
    title: 'an answer without a dialog',
    setup: {
      authorization: (s) =>
        s.authorization(
          (_id, uri) => [CLIENT, uri],
          () => true,
        ),
    },
    has: 'code',
  },
  {
    title: 'an error of immediate',
    setup: { authorization: (s) => s.authorization((_id, uri) => [CLIENT, uri], fail(new Error('a secret'))) },
    has: 'error',
  },
  {
    title: 'an error that validate addressed',
    setup: {
      authorization: (s) =>
        s.authorization(
          fail(
            Object.assign(new AuthorizationError('No', 'access_denied'), {
              client: CLIENT,
              redirectURI: CLIENT.redirect_uris[0],
            }),
          ),
        ),
    },
    has: 'error',
  },
  {
    title: 'an error of complete',
    setup: { decision: (s) => s.decision({}, () => ({}), fail(new Error('a secret'))) },
    has: 'error',
  },
];

describe('RFC 9207 authorization responses', () => {
  for (const { title, setup, params, form, has } of ROWS) {
    it(`§2 ${title} comes with iss`, async () => {
      const { app } = authorizationServer({ plug: withTokens, ...setup });
      const { authorize, decide } = browser(app);
      const first = await authorize(params);
      const response = first.status === 200 ? await decide(first.body.transactionID, form) : first;
      const answer = redirected(response);
      assert.equal(answer['iss'], ISSUER);
      assert.ok(answer[has], JSON.stringify(answer));
      assert.equal((response.headers['location'] ?? '').split('iss=').length, 2, 'once');
    });
  }

  for (const path of ['', '/', '/tenant', '/tenant/', '/a%20b', ':8443']) {
    it(`§2 RFC 8414 §2 the issuer ${ISSUER}${path} is sent to the letter`, async () => {
      const { app } = authorizationServer({
        plug: (server) => server.grant(grant.code(() => 'code')).extend(issuer(`${ISSUER}${path}`)),
      });
      assert.equal((await browser(app).allow())['iss'], `${ISSUER}${path}`);
    });
  }

  it('§2.4 an error that is shown here has no iss, for no client sees it', async () => {
    const { app } = authorizationServer();
    assertErrorHere(await browser(app).authorize({ client_id: 'nobody' }), 403, 'unauthorized_client');
  });

  it('§2 nothing that the application adds can replace iss', async () => {
    const { app } = authorizationServer({
      plug: (server) =>
        server
          .grant(grant.code({ issue: () => 'code' }, () => ({ iss: 'https://evil.example' })))
          .exchange(exchange.code(() => false))
          .extend(issuer(ISSUER)),
    });
    const answer = await browser(app).allow();
    assert.deepEqual([answer['iss'], answer['error'], answer['code']], [ISSUER, 'server_error', undefined]);
  });

  describe('§2 allowMixUp', () => {
    const plug =
      (allowMixUp: (client: App) => boolean | Promise<boolean>): Plug =>
      (server) =>
        server.grant(grant.code(() => 'code')).extend(issuer(ISSUER, { allowMixUp }));
    const only = (id: string) => plug(({ client_id }) => client_id === id);

    it('leaves iss out of every response of that client, errors included', async () => {
      const { app } = authorizationServer({ plug: only(CLIENT.client_id) });
      const { allow, authorize } = browser(app);
      const answer = await allow();
      assert.deepEqual([answer['code'], 'iss' in answer], ['code', false]);
      const refusal = redirected(await authorize({ response_type: 'foo' }));
      assert.deepEqual([refusal['error'], 'iss' in refusal], ['unsupported_response_type', false]);
    });

    it('leaves it in those of every other client', async () => {
      const { app } = authorizationServer({ plug: only('another') });
      assert.equal((await browser(app).allow())['iss'], ISSUER);
    });

    it('takes only true for yes, or what becomes true', async () => {
      const answers: readonly unknown[] = [Promise.resolve(false), Promise.resolve('true'), 'true', 1];
      for (const answer of answers) {
        const { app } = authorizationServer({ plug: plug(() => answer as boolean) });
        assert.equal((await browser(app).allow())['iss'], ISSUER, String(answer));
      }
      const { app } = authorizationServer({ plug: plug(async () => true) });
      assert.equal('iss' in (await browser(app).allow()), false);
    });
  });

  it('a server without the extension sends no iss', async () => {
    const { app } = authorizationServer({ plug: (server) => server.grant(grant.code(() => 'code')) });
    assert.equal('iss' in (await browser(app).allow()), false);
  });
});

describe('RFC 9207 §2, RFC 8414 §2 what an issuer is', () => {
  const WRONG = [
    '',
    'as.example',
    '//as.example',
    'http://as.example',
    'http://as.example@127.0.0.1.evil.example',
    'ftp://as.example',
    'https://as.example?a=b',
    'https://as.example?',
    'https://as.example#a',
    'https://as.example#',
    'https://',
    'urn:as',
  ];
  for (const uri of WRONG) {
    it(`${JSON.stringify(uri)} is none`, () => assert.throws(() => issuer(uri), TypeError));
  }
  for (const uri of ['https://as.example', 'http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000/a']) {
    it(`${uri} is one`, () => assert.equal(issuer(uri).name, 'issuer'));
  }
});
