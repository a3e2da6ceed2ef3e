/** RFC 6749 §4.1.2, §4.2.2; OAuth 2.0 Multiple Response Type Encoding Practices; OAuth 2.0 Form Post Response Mode. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { grant } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  exchangeCode,
  ISSUER,
  issuing,
  plugAll,
  REQUEST,
  redirected,
  type Setup,
} from '../../support/authorization-server.js';
import { assertNoStore, encode } from '../../support/form.js';

type Plug = NonNullable<Setup['plug']>;

/** `token` and `code token` besides. */
const plugTokens: Plug = (server) => {
  plugAll(server);
  server.grant(grant.token(() => ['a token', { expires_in: 60 }])).grant('code token');
};

const STATES: readonly (readonly [what: string, state: string])[] = [
  ['every printable ASCII character', Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')],
  ['a plus', 'a+b'],
  ['a space', 'a b'],
  ['spaces around', ' a '],
  ['what looks encoded', '%2B%26%3D'],
  ['what looks encoded twice', '%252B'],
  ['separators', '&state=x&iss=https://evil.example&code=y#z'],
  ['letters beyond ASCII', 'caf\u00e9 \u65e5\u672c \u{1f600}'],
  ['HTML', "\"><script>alert('1')</script>&amp;"],
  ['JSON', '{"a":[1,"b"]}'],
  ['a name of every object', '__proto__'],
  ['a number', '0'],
  ['something long', 'x'.repeat(1000)],
];

/** The value of an input of the form, as a browser reads it. */
function posted(html: string): Record<string, string> {
  const references: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  const text = (escaped: string | undefined): string =>
    (escaped ?? '').replace(/&[a-z#0-9]+;/g, (reference) => references[reference] ?? assert.fail(reference));
  const inputs = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return Object.fromEntries(inputs.map(([, name, value]) => [text(name), text(value)]));
}

const MODES = ['query', 'fragment', 'form_post'] as const;

describe('RFC 6749 authorization response', () => {
  for (const [what, state] of STATES) {
    for (const mode of MODES) {
      it(`§4.1.2 state comes back to the letter by ${mode}: ${what}`, async () => {
        const { app } = authorizationServer();
        const { authorize, decide } = browser(app);
        const dialog = await authorize({ state, response_mode: mode });
        const response = await decide(dialog.body.transactionID);
        const params = mode === 'form_post' ? posted(response.text) : redirected(response);
        assert.equal(params['state'], state);
        assert.deepEqual(Object.keys(params).sort(), ['code', 'iss', 'state']);
      });
    }
    it(`§4.1.2.1 state comes back to the letter with an error: ${what}`, async () => {
      const { app } = authorizationServer();
      const params = redirected(await browser(app).authorize({ state, response_type: 'foo' }));
      assert.equal(params['state'], state);
    });
  }

  for (const state of [undefined, '']) {
    it(`§4.1.2 no state comes back when it was ${state === '' ? 'empty' : 'absent'}`, async () => {
      const { app } = authorizationServer();
      assert.equal('state' in (await browser(app).allow({ state })), false);
      assert.equal('state' in redirected(await browser(app).authorize({ state, response_type: 'foo' })), false);
    });
  }

  const DENIALS: readonly (readonly [what: string, form: object])[] = [
    ['cancel=Deny', { cancel: 'Deny' }],
    ['cancel=, a button without a value', { cancel: '' }],
    ['cancel=false', { cancel: 'false' }],
    ['two buttons called cancel', { cancel: ['a', 'b'] }],
    ['cancel beside an allow that nobody asked for', { cancel: '1', allow: 'true' }],
  ];
  for (const [what, form] of DENIALS) {
    it(`§4.1.2.1 ${what} denies: access_denied, with state and iss, and no code`, async () => {
      const { app } = authorizationServer();
      const { authorize, decide } = browser(app);
      const { body } = await authorize();
      const response = await decide(body.transactionID, form);
      assert.equal(response.status, 303);
      const { error_description, ...params } = redirected(response);
      assert.deepEqual(params, { error: 'access_denied', state: REQUEST.state, iss: ISSUER });
    });
  }

  for (const result of [false, null, undefined, ''] as const) {
    it(`§4.1.2.1 a code callback that gives ${JSON.stringify(result)} denies`, async () => {
      const { app } = authorizationServer({
        plug: (server) => server.grant(grant.code({ issue: () => result })),
      });
      const { error } = await browser(app).allow();
      assert.equal(error, 'access_denied');
    });
  }

  it('§4.1.2.1 a code callback that throws is server_error, told to the operator only', async () => {
    const { app, errors } = authorizationServer({
      plug: (server) =>
        server.grant(
          grant.code({
            issue() {
              throw new Error('a secret');
            },
          }),
        ),
    });
    assert.deepEqual(await browser(app).allow(), { error: 'server_error', state: REQUEST.state });
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['a secret'],
    );
  });

  it('§4.1.2 the answer is in the query, 303 after a POST, not to be stored, and sends no referrer', async () => {
    const { app } = authorizationServer();
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    const response = await decide(body.transactionID);
    assert.equal(response.status, 303);
    assert.match(response.headers['location'] ?? '', /^https:\/\/client\.example\/callback\?code=[^#]+$/);
    assert.equal(response.headers['referrer-policy'], 'no-referrer');
    assertNoStore(response);
    assert.equal(response.text.includes(redirected(response)['code'] ?? '?'), false);
  });

  it('§4.1.2 the answer to a GET, without a dialog, is 302', async () => {
    const { app } = authorizationServer({
      authorization: (server) =>
        server.authorization(
          (_id, uri) => [CLIENT, uri],
          () => true,
        ),
    });
    const response = await browser(app).authorize();
    assert.equal(response.status, 302);
    const { code, ...rest } = redirected(response);
    assert.ok(code);
    assert.deepEqual(rest, { state: REQUEST.state, iss: ISSUER });
    assertNoStore(response);
  });

  it('§4.2.2 a token is in the fragment, never in the query, with token_type and state', async () => {
    const { app } = authorizationServer({ plug: plugTokens });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ response_type: 'token' });
    const { headers } = await decide(body.transactionID);
    const location = new URL(headers['location'] ?? '');
    assert.equal(location.search, '');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(location.hash.slice(1))), {
      token_type: 'Bearer',
      expires_in: '60',
      access_token: 'a token',
      state: REQUEST.state,
      iss: ISSUER,
    });
  });

  it('§4.2.2 a token whose scope is not what was asked for says its scope', async () => {
    const { app } = authorizationServer({
      plug: plugTokens,
      decision: (server) => server.decision(() => ({ scope: ['read'] })),
    });
    assert.equal((await browser(app).allow({ response_type: 'token' }))['scope'], 'read');
    assert.equal((await browser(app).allow({ response_type: 'code token' }))['scope'], 'read');
  });

  it('§4.2.2 a token whose scope the application says is answered in its words', async () => {
    const { app } = authorizationServer({
      plug: (server) => server.grant(grant.token(() => ['token', { scope: 'mine' }])),
      decision: (server) => server.decision(() => ({ scope: ['read'] })),
    });
    assert.equal((await browser(app).allow({ response_type: 'token' }))['scope'], 'mine');
  });

  it('§4.2.2 a refresh token is never given with a token in a redirect', async () => {
    const { app } = authorizationServer({
      plug: (server) => server.grant(grant.token({ issue: () => ({ access_token: 'a', refresh_token: 'r' }) })),
    });
    assert.equal('refresh_token' in (await browser(app).allow({ response_type: 'token' })), false);
  });

  it('§4.2.2.1 errors of response_type=token are in the fragment', async () => {
    const { app } = authorizationServer({ plug: plugTokens });
    const { headers } = await browser(app).authorize({ response_type: 'token', scope: '"' });
    assert.match(headers['location'] ?? '', /^https:\/\/client\.example\/callback#error=invalid_scope&/);
  });
});

describe('RFC 6749 §3.1.1 response types are sets', () => {
  const TYPES: readonly (readonly [sent: string, given: readonly string[]])[] = [
    ['code token', ['access_token', 'code']],
    ['token code', ['access_token', 'code']],
    ['code', ['code']],
    ['token', ['access_token']],
    ['code code', ['code']],
    ['token code token', ['access_token', 'code']],
  ];
  for (const [type, given] of TYPES) {
    it(`§3.1.1 "${type}" gives ${given.join(' and ')}`, async () => {
      const { app } = authorizationServer({ plug: plugTokens });
      const params = await browser(app).allow({ response_type: type });
      const issued = Object.keys(params).filter((name) => name === 'code' || name === 'access_token');
      assert.deepEqual(issued.sort(), given);
    });
  }

  it('§3.1.1 a combination that is not registered by name is not supported', async () => {
    const { app } = authorizationServer({
      plug: (server) => plugAll(server.grant(grant.token(() => 'token'))),
    });
    for (const type of ['code token', 'token code']) {
      const { error } = redirected(await browser(app).authorize({ response_type: type }));
      assert.equal(error, 'unsupported_response_type');
    }
  });

  it('§3.1.1 a combination is registered under any order of its words, once', async () => {
    const plug: Plug = (server) => {
      plugAll(server);
      server.grant(grant.token(() => 'token')).grant('token code');
      assert.throws(() => server.grant('code token'), /registered already/);
    };
    const { app } = authorizationServer({ plug });
    assert.ok((await browser(app).allow({ response_type: 'code token' }))['code']);
  });

  it('a combination is answered in the fragment, errors too (Multiple Response Types §5)', async () => {
    const { app } = authorizationServer({ plug: plugTokens });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ response_type: 'code token' });
    const { headers } = await decide(body.transactionID);
    assert.match(headers['location'] ?? '', /^https:\/\/client\.example\/callback#/);
    const denied = await authorize({ response_type: 'token code', code_challenge: undefined });
    assert.match(denied.headers['location'] ?? '', /^https:\/\/client\.example\/callback#error=invalid_request&/);
  });

  it('a code of a combination is bound to its challenge like any other', async () => {
    const { app } = authorizationServer({ plug: plugTokens });
    const { code } = await browser(app).allow({ response_type: 'code token' });
    assert.equal((await exchangeCode(app, code, { code_verifier: 'x'.repeat(43) })).body.error, 'invalid_grant');
  });
});

describe('Response modes', () => {
  for (const type of ['token', 'code token', 'token code']) {
    it(`${type} with response_mode=query is refused: a token is never sent in a query`, async () => {
      const { app } = authorizationServer({
        plug: plugTokens,
        authorization: (server) =>
          server.authorization(
            (_id, uri) => [CLIENT, uri],
            () => true,
          ),
      });
      const response = await browser(app).authorize({ response_type: type, response_mode: 'query' });
      const params = redirected(response);
      assert.equal(params['error'], 'invalid_request');
      assert.equal('access_token' in params || 'code' in params, false);
      assert.equal(params['state'], REQUEST.state);
    });
  }

  for (const type of ['code', 'token', 'code token']) {
    it(`${type} with response_mode=form_post is a form to the redirect URI, with nothing in a URL`, async () => {
      const { app } = authorizationServer({ plug: plugTokens });
      const { authorize, decide } = browser(app);
      const { body } = await authorize({ response_type: type, response_mode: 'form_post' });
      const response = await decide(body.transactionID);
      assert.equal(response.status, 200);
      assert.equal(response.headers['location'], undefined);
      assert.match(response.headers['content-type'] ?? '', /^text\/html/);
      assert.match(response.text, /<form method="post" action="https:\/\/client\.example\/callback">/);
      const params = posted(response.text);
      assert.deepEqual([params['state'], params['iss']], [REQUEST.state, ISSUER]);
      assert.ok(params['code'] || params['access_token']);
      assertNoStore(response);
    });
  }

  it('form_post carries errors too', async () => {
    const { app } = authorizationServer();
    const response = await browser(app).authorize({ response_mode: 'form_post', scope: '"' });
    assert.equal(response.status, 200);
    const { error_description, ...params } = posted(response.text);
    assert.deepEqual(params, { error: 'invalid_scope', state: REQUEST.state, iss: ISSUER });
  });

  it('form_post runs one script only: the one whose hash is in the policy', async () => {
    const { app } = authorizationServer();
    const response = await browser(app).authorize({
      response_mode: 'form_post',
      scope: '"',
      state: '<script>a</script>',
    });
    const scripts = [...response.text.matchAll(/<script>(.*?)<\/script>/g)].map(([, script]) => script ?? '');
    assert.equal(scripts.length, 1);
    const hash = createHash('sha256')
      .update(scripts[0] ?? '')
      .digest('base64');
    const policy = response.headers['content-security-policy'] ?? '';
    assert.ok(policy.includes(`script-src 'sha256-${hash}'`), policy);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors https:\/\/client\.example$/);
    assert.equal(/unsafe/.test(policy), false);
    assert.equal(response.headers['x-frame-options'], 'DENY');
    assert.equal(response.headers['referrer-policy'], 'origin'); // with `same-origin`, the client gets `Origin: null`
  });

  it('form_post escapes the redirect URI', async () => {
    const uri = `https://client.example/?a="><script>alert('1')</script>&b=<`;
    const clients: App[] = [{ ...CLIENT, redirect_uris: [uri] }];
    const { app } = authorizationServer({ clients });
    const { text } = await browser(app).authorize({ redirect_uri: uri, response_mode: 'form_post', scope: '"' });
    const [, action] = /action="([^"]*)"/.exec(text) ?? [];
    assert.equal(
      action,
      'https://client.example/?a=&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;b=&lt;',
    );
    assert.equal(text.match(/<script>/g)?.length, 1);
  });

  it('form_post escapes what the application adds, names and values', async () => {
    const { put, codes } = issuing();
    const { app } = authorizationServer({
      plug: (server) =>
        server.grant(
          grant.code({ issue: (_txn, authorization) => put(codes, authorization) }, () => ({ '"><b>': '\'"<i>&' })),
        ),
    });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ response_mode: 'form_post' });
    const { text } = await decide(body.transactionID);
    assert.equal(posted(text)['"><b>'], '\'"<i>&');
    assert.equal(/<b>|<i>/.test(text), false);
  });

  it('fragment is taken for a code when the request says so', async () => {
    const { app } = authorizationServer();
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ response_mode: 'fragment' });
    const { headers } = await decide(body.transactionID);
    assert.ok(headers['location']?.startsWith(`${CALLBACK}#code=`));
    assert.equal(headers['location']?.includes('?'), false);
  });

  it('an error in an unknown response mode goes the usual way of the response type', async () => {
    const { app } = authorizationServer({ plug: plugTokens });
    const ofToken = await browser(app).authorize({ response_type: 'token', response_mode: 'foo' });
    assert.ok(ofToken.headers['location']?.startsWith(`${CALLBACK}#${encode({ error: 'invalid_request' })}`));
    const ofCode = await browser(app).authorize({ response_mode: 'foo' });
    assert.ok(ofCode.headers['location']?.startsWith(`${CALLBACK}?${encode({ error: 'invalid_request' })}`));
  });
});
