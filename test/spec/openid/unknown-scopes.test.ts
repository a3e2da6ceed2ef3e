/** OpenID Connect Core §3.1.2.1: scope values that the server does not understand SHOULD be ignored. */
import assert from 'node:assert/strict';
import { type ScopesOptions, scopes } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import { exchangeCode, redirected } from '../../support/authorization-server.js';
import { openidServer, rsaKeys } from '../../support/openid-server.js';

describe('OpenID Connect Core §3.1.2.1: scopes that the server does not know', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  const made = (options: ScopesOptions = {}, supported = ['openid', 'read']) =>
    openidServer({ keys, plug: (server) => void server.extend(scopes(supported, options)) });
  const errorOf = async (server: ReturnType<typeof made>, scope: string) =>
    redirected(await server.visitor().open({ scope }, 'alice').expect(302))['error'];

  it('are ignored in authentication requests: the dialog does not show them, and the response says what was given', async () => {
    const server = made();
    const { open, decide } = server.visitor();
    const { transactionID, req } = (await open({ scope: 'openid groups read' }, 'alice').expect(200)).body;
    assert.deepEqual(req.scope, ['openid', 'read']);
    const { code } = redirected(await decide(transactionID, 'alice'));
    assert.equal((await exchangeCode(server.app, code).expect(200)).body.scope, 'openid read');
  });

  it('are ignored with the hybrid flow, too: RFC 6749 §4.2.2, the response says what was given', async () => {
    const { open, decide } = made().visitor();
    const sent = { scope: 'openid groups', response_type: 'code token', nonce: 'n' };
    const { transactionID } = (await open(sent, 'alice').expect(200)).body;
    const answer = redirected(await decide(transactionID, 'alice'));
    assert.deepEqual([typeof answer['access_token'], answer['scope']], ['string', 'openid']);
  });

  it('are refused with unknown: refuse, and in requests without the scope openid', async () => {
    assert.equal(await errorOf(made({ unknown: 'refuse' }), 'openid groups'), 'invalid_scope');
    assert.equal(await errorOf(made(), 'read groups'), 'invalid_scope');
  });

  it('are refused where scopes() does not list openid: the client would get no ID token', async () => {
    assert.equal(await errorOf(made({}, ['read']), 'openid read'), 'invalid_scope');
  });
});
