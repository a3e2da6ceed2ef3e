/** OpenID Connect Core §4: logins that begin at the provider. */
import assert from 'node:assert/strict';
import { initiatedLoginURL } from 'koauthorize/openid';
import { ISSUER } from '../../support/authorization-server.js';

const client = { client_id: 'app', initiate_login_uri: 'https://app.example/login?tenant=1' };

describe('OpenID Connect Core §4: a login that begins here', () => {
  it('tells the client who is the provider, who is to log in, and where to; what it registered stays', () => {
    const asked = { issuer: ISSUER, loginHint: 'alice & bob', targetLinkURI: 'https://app.example/inbox?page=2' };
    const url = new URL(initiatedLoginURL(client, asked) ?? '');
    assert.equal(url.origin + url.pathname, 'https://app.example/login');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      tenant: '1',
      iss: ISSUER,
      login_hint: 'alice & bob',
      target_link_uri: 'https://app.example/inbox?page=2',
    });
    assert.equal(new URL(initiatedLoginURL(client, { issuer: ISSUER }) ?? '').searchParams.size, 2);
  });

  it('leads nobody to another site', () => {
    for (const targetLinkURI of [
      'https://evil.example/',
      'https://app.example.evil.example/',
      'javascript:alert(1)',
      '/inbox',
      '',
    ])
      assert.throws(() => initiatedLoginURL(client, { issuer: ISSUER, targetLinkURI }), /targetLinkURI/, targetLinkURI);
  });

  for (const uri of [undefined, null, 7, '', 'http://app.example/login', '/login', 'javascript:alert(1)'])
    it(`is not there for a client that registered ${JSON.stringify(uri)}`, () =>
      assert.equal(initiatedLoginURL({ ...client, initiate_login_uri: uri }, { issuer: ISSUER }), undefined));
});
