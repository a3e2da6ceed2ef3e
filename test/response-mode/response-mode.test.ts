/** How parameters travel back to the client. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import type { RedirectURI, ResponseMode, ResponseParams } from 'koauthorize';
import request from 'supertest';
import { formPost } from '../../lib/response-mode/form-post.js';
import { fragment } from '../../lib/response-mode/fragment.js';
import { query } from '../../lib/response-mode/query.js';

async function sent(mode: ResponseMode, uri: string, params: ResponseParams, method: 'get' | 'post' = 'get') {
  const app = new Koa();
  app.use((ctx) =>
    mode.send(ctx, { redirectURI: uri as RedirectURI, client: {}, req: { type: 'code', clientID: 'c' } }, params),
  );
  return request(app.callback())[method]('/').redirects(0);
}

const CB = 'https://client.example/cb';

describe('response modes', () => {
  const table: readonly [mode: ResponseMode, uri: string, params: ResponseParams, location: string][] = [
    [query, CB, { code: 'a b&c', state: undefined }, `${CB}?code=a+b%26c`],
    [query, CB, { expires_in: 60 }, `${CB}?expires_in=60`],
    [query, `${CB}?x=1`, { code: 'c' }, `${CB}?x=1&code=c`],
    [query, `${CB}?x=%20+y&z`, { code: 'c' }, `${CB}?x=%20+y&z&code=c`],
    [query, `${CB}?code=own&x=1`, { code: 'c' }, `${CB}?x=1&code=c`],
    [query, `${CB}?%63ode=own`, { code: 'c' }, `${CB}?code=c`],
    [query, `${CB}?`, { code: 'c' }, `${CB}?code=c`],
    [query, 'com.example.app:/cb', { code: 'c' }, 'com.example.app:/cb?code=c'],
    [query, 'HTTPS://Client.Example:443/a/../b', { code: 'c' }, 'HTTPS://Client.Example:443/a/../b?code=c'],
    [fragment, CB, { access_token: 't/+=', state: 's' }, `${CB}#access_token=t%2F%2B%3D&state=s`],
    [fragment, `${CB}?x=1`, { access_token: 't' }, `${CB}?x=1#access_token=t`],
  ];
  for (const [mode, uri, params, location] of table) {
    it(`${mode.name}: ${JSON.stringify(params)} to ${uri}`, async () => {
      const { headers, text } = await sent(mode, uri, params);
      assert.equal(headers['location'], location);
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['referrer-policy'], 'no-referrer');
      assert.doesNotMatch(text, /client\.example/);
    });
  }

  for (const mode of [query, fragment]) {
    it(`${mode.name}: 302, and 303 after a POST`, async () => {
      assert.equal((await sent(mode, CB, {})).status, 302);
      assert.equal((await sent(mode, CB, {}, 'post')).status, 303);
    });
  }

  describe('form_post', () => {
    it('is a form that posts itself, with every value escaped', async () => {
      const params = { code: `"><script>alert('1')</script>&amp;`, state: undefined, expires_in: 60 };
      const { status, text, headers } = await sent(formPost, `${CB}?a=1&b="`, params, 'post');
      assert.equal(status, 200);
      assert.match(headers['content-type'] ?? '', /^text\/html/);
      assert.ok(text.includes(`action="${CB}?a=1&amp;b=&quot;"`), text);
      assert.ok(
        text.includes('value="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;"'),
        'the value is escaped',
      );
      assert.ok(text.includes('name="expires_in" value="60"'));
      assert.doesNotMatch(text, /name="state"/);
      assert.match(text, /<noscript><button>/);
    });

    it('may run that one script, be framed by the origin that gets the response alone, and be kept by no cache', async () => {
      const { headers } = await sent(formPost, CB, { code: 'c' });
      const policy = headers['content-security-policy'] ?? '';
      assert.match(policy, /default-src 'none'; script-src 'sha256-[\w+/]{43}='/);
      assert.match(policy, /; frame-ancestors https:\/\/client\.example$/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.equal(headers['cache-control'], 'no-store');
    });

    const unframed = ['com.example.app:/cb', 'http://[::1]:8080/cb', 'https://a;sandbox.example/cb', 'https://*/cb'];
    for (const uri of unframed)
      it(`may be framed by nobody, because a policy cannot name the origin of ${uri} alone`, async () => {
        const { headers } = await sent(formPost, uri, { code: 'c' });
        assert.match(headers['content-security-policy'] ?? '', /; frame-ancestors 'none'$/);
      });
  });
});
