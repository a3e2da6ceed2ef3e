/** RFC 6749 §3.1.2, §4.1.2.1; RFC 9700 §2.1, §4.1.3: where responses go, and where they never go. */
import assert from 'node:assert/strict';
import { grant } from 'koauthorize';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  CLIENT,
  type Params,
  redirected,
  type Setup,
} from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';

const client = (...redirect_uris: readonly string[]): App => ({ ...CLIENT, redirect_uris });
const immediately: Setup['authorization'] = (server) =>
  server.authorization(
    (_id, uri) => [CLIENT, uri],
    () => true,
  );

const NEAR_MISSES: readonly string[] = [
  'https://client.example/Callback',
  'https://client.example/CALLBACK',
  'HTTPS://client.example/callback',
  'https://CLIENT.example/callback',
  'https://client.example/callback/',
  'https://client.example/callbac',
  'https://client.example/callback2',
  'https://client.example/callback/more',
  'https://client.example/',
  'https://client.example',
  'https://client.example/callback?',
  'https://client.example/callback?a=b',
  'https://client.example/callback?code=stolen',
  'https://client.example/callback&a=b',
  'https://client.example/callback;a=b',
  'https://client.example/callback#',
  'https://client.example/callback#fragment',
  'https://client.example/callback/../callback',
  'https://client.example/callback/..',
  'https://client.example/callback/../../evil',
  'https://client.example/callback/%2e%2e/evil',
  'https://client.example/./callback',
  'https://client.example//callback',
  'https://client.example/%63allback',
  'https://client.example/callback%2F',
  'https://client.example/callback%20',
  'https://client.example/callback%00',
  'https://client.example/callback%0d%0aSet-Cookie:%20a=b',
  'https://client.example/callback\r\nSet-Cookie: a=b',
  'https://client.example/callback\u0000',
  'https://client.example/call\u200bback',
  'https://client.example/callback ',
  ' https://client.example/callback',
  '\thttps://client.example/callback',
  'https://client.example/call\nback',
  'https://client.example:443/callback',
  'https://client.example:8443/callback',
  'https://client.example:/callback',
  'https://user@client.example/callback',
  'https://user:password@client.example/callback',
  'https://client.example@evil.example/callback',
  'https://client.example%40evil.example/callback',
  'https://client.example\\@evil.example/callback',
  'https://client.example\\callback',
  'https://client.example.evil.example/callback',
  'https://client.example./callback',
  'https://evil-client.example/callback',
  'https://sub.client.example/callback',
  'https://*.example/callback',
  'https://evil.example/https://client.example/callback',
  'https://evil.example/?https://client.example/callback',
  'https://evil.example/#https://client.example/callback',
  'https://cl\u0456ent.example/callback',
  'https://client\uff0eexample/callback',
  'https://xn--clent-xhd.example/callback',
  'http://client.example/callback',
  'ftp://client.example/callback',
  'https:client.example/callback',
  'https:/client.example/callback',
  '//client.example/callback',
  '/callback',
  'client.example/callback',
  'javascript:alert(1)',
  'javascript://client.example/callback',
  'data:text/html,callback',
  'about:blank',
  'urn:ietf:wg:oauth:2.0:oob',
  'null',
  'undefined',
  '*',
  '.',
];

/** What is wrong besides, and would be redirected if the redirect URI were right. */
const BESIDES: readonly Params[] = [
  {},
  { response_type: 'foo' },
  { response_type: undefined },
  { scope: ['a', 'b'] },
  { code_challenge: undefined },
  { response_mode: 'form_post' },
];

describe('RFC 6749 redirect URIs', () => {
  for (const uri of NEAR_MISSES) {
    it(`§3.1.2.3 §4.1.2.1 ${JSON.stringify(uri)} is not the registered one: never a redirect`, async () => {
      const { app } = authorizationServer({ authorization: immediately });
      for (const params of BESIDES) {
        const response = await browser(app).authorize({ ...params, redirect_uri: uri });
        assertErrorHere(response, 400, 'invalid_request');
        assert.equal(response.headers['set-cookie'], undefined);
      }
    });
  }

  const REGISTERED: readonly string[] = [
    'https://client.example/callback',
    'https://client.example/Callback/',
    'https://client.example/callback?tenant=a&mode=b',
    'https://client.example:8443/callback',
    'https://client.example/%63allback',
    'https://client.example/a/../callback',
    'http://client.example/callback',
    'com.example.app:/callback',
    'com.example.app://callback',
    'urn:ietf:wg:oauth:2.0:oob',
  ];
  for (const uri of REGISTERED) {
    it(`§3.1.2.3 ${uri} is taken, and answered to the letter, when just that is registered`, async () => {
      const { app } = authorizationServer({ clients: [client('https://client.example/another', uri)] });
      const dialog = await browser(app).authorize({ redirect_uri: uri });
      assert.equal(dialog.status, 200, dialog.text);
      const refused = await browser(app).authorize({ redirect_uri: uri, response_type: 'foo' });
      assert.ok(refused.headers['location']?.startsWith(`${uri}${uri.includes('?') ? '&' : '?'}`));
    });
  }

  const UNUSABLE: readonly (readonly [clause: string, uri: string])[] = [
    ['§3.1.2 no fragment', 'https://client.example/callback#fragment'],
    ['§3.1.2 no empty fragment', 'https://client.example/callback#'],
    ['§3.1.2 an absolute URI', '/callback'],
    ['§3.1.2 an absolute URI, with a scheme', '//client.example/callback'],
    ['§3.1.2 a URI is ASCII', 'https://client.example/caf\u00e9'],
    ['§3.1.2 a URI has no spaces', 'https://client.example/a b'],
    ['§10.15 no line breaks', 'https://client.example/\r\nSet-Cookie: a=b'],
    ['§10.14 no scheme that browsers execute', 'javascript:alert(1)'],
    ['§10.14 no scheme that browsers execute, in any case', 'JavaScript:alert(1)'],
    ['§10.14 no scheme that shows', 'data:text/html,<script>alert(1)</script>'],
    ['§10.14 no scheme of another script', 'vbscript:msgbox(1)'],
    ['§10.14 no files', 'file:///etc/passwd'],
    ['§10.14 no blobs', 'blob:https://client.example/x'],
  ];
  for (const [clause, uri] of UNUSABLE) {
    it(`${clause}: ${JSON.stringify(uri)} is never redirected to, even if registered`, async () => {
      const { app } = authorizationServer({
        clients: [client(uri)],
        authorization: (server) =>
          server.authorization(
            () => [client(uri), uri],
            () => true,
          ),
      });
      for (const params of BESIDES) {
        const response = await browser(app).authorize({ ...params, redirect_uri: uri });
        assertErrorHere(response, 400, 'invalid_request');
      }
    });
  }

  it('§3.1.2.3 left out, the only registered one is taken', async () => {
    const { app } = authorizationServer();
    const { decide, authorize } = browser(app);
    const dialog = await authorize({ redirect_uri: undefined });
    const response = await decide(dialog.body.transactionID);
    assert.ok(response.headers['location']?.startsWith(`${CALLBACK}?code=`));
  });

  it('§3.1.2.3 left out, errors go to the only registered one', async () => {
    const { app } = authorizationServer();
    const response = await browser(app).authorize({ redirect_uri: undefined, response_type: 'foo' });
    assert.ok(response.headers['location']?.startsWith(`${CALLBACK}?error=`));
  });

  for (const uris of [['https://client.example/a', 'https://client.example/b'], []]) {
    it(`§3.1.2.3 left out with ${uris.length} registered, it is required, and nothing is redirected`, async () => {
      const { app } = authorizationServer({ clients: [client(...uris)] });
      for (const params of BESIDES) {
        const response = await browser(app).authorize({ ...params, redirect_uri: undefined });
        assertErrorHere(response, 400, 'invalid_request');
      }
    });
  }

  it('§3.1.2.3 given, it is compared with those of this client only', async () => {
    const { app } = authorizationServer();
    const response = await browser(app).authorize({ client_id: 'other', redirect_uri: CALLBACK });
    assertErrorHere(response, 400, 'invalid_request');
  });

  it('§3.1.2.3 what validate gives is compared as well', async () => {
    const { app } = authorizationServer({
      authorization: (server) => server.authorization((_id, _uri) => [CLIENT, 'https://evil.example/']),
    });
    for (const params of BESIDES) assertErrorHere(await browser(app).authorize(params), 400, 'invalid_request');
    assertErrorHere(await browser(app).authorize({ redirect_uri: undefined }), 400, 'invalid_request');
  });

  it('§3.1.2.3 what the request asks for is compared even if validate gives another', async () => {
    const { app } = authorizationServer({
      authorization: (server) => server.authorization((_id, _uri) => [CLIENT, CALLBACK]),
    });
    const response = await browser(app).authorize({ redirect_uri: 'https://evil.example/' });
    assertErrorHere(response, 400, 'invalid_request');
  });

  it('§3.1.2.4 a registration that was changed while the dialog waited is not redirected to', async () => {
    const clients = [client(CALLBACK)];
    const { app } = authorizationServer({ clients });
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    clients[0] = client('https://client.example/new');
    assertErrorHere(await decide(body.transactionID), 400, 'invalid_request');
  });

  it('§3.1.2 a query in the registered URI is retained, beside the answer and before it', async () => {
    const uri = 'https://client.example/callback?tenant=a%20b&x&y=1&y=2';
    const { app } = authorizationServer({ clients: [client(uri)] });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ redirect_uri: uri });
    const { headers } = await decide(body.transactionID);
    assert.ok(headers['location']?.startsWith(`${uri}&`), headers['location']);
    assert.ok(redirected({ headers: { location: headers['location'] ?? '' } })['code']);
  });

  it('§3.1.2 parameters in the query of a registered URI are not taken for the response', async () => {
    const uri = 'https://client.example/callback?code=a&state=b&iss=c&%63ode=d';
    const { app } = authorizationServer({ clients: [client(uri)] });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ redirect_uri: uri });
    const { headers } = await decide(body.transactionID);
    const { searchParams } = new URL(headers['location'] ?? '');
    for (const name of ['code', 'state', 'iss']) assert.equal(searchParams.getAll(name).length, 1, name);
    assert.notEqual(searchParams.get('code'), 'a');
  });

  it('§3.1.2 a query in the registered URI is retained in fragment mode too', async () => {
    const uri = 'https://client.example/callback?tenant=a';
    const { app } = authorizationServer({
      clients: [client(uri)],
      plug: (server) => server.grant(grant.token(() => 'token')),
    });
    const { authorize, decide } = browser(app);
    const { body } = await authorize({ redirect_uri: uri, response_type: 'token' });
    const { headers } = await decide(body.transactionID);
    assert.ok(headers['location']?.startsWith(`${uri}#`), headers['location']);
  });
});
