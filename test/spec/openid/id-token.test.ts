/** OpenID Connect Core §2, §3.1.3: the ID token of the code flow. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { KeySet } from 'koauthorize/tokens';
import { CLIENT, ISSUER } from '../../support/authorization-server.js';
import { openidServer, rsaKeys } from '../../support/openid-server.js';

const NONCE = 'n-0S6_WzA2Mj';

describe('OpenID Connect Core §3.1.3.3: the ID token of a code', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  it('§2 says who issued it, to whom, for whom, when, and what belongs to the request', async () => {
    const { connect, verified, header, clock, logins } = openidServer({ keys });
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

  it('§12.2 a refresh gives one with the same iss, sub, aud and auth_time, and a later iat', async () => {
    const { connect, refresh, verified, clock, logins } = openidServer({ keys });
    logins.set('alice', { authenticatedAt: clock.now - 100 });
    const first = await connect({ nonce: NONCE });
    const { iat, exp: _, at_hash: __, ...same } = await verified(first.id_token);
    clock.now += 1000;
    logins.set('alice', { authenticatedAt: clock.now });
    const { id_token } = (await refresh(first.refresh_token).expect(200)).body;
    const { iat: later, exp: ___, at_hash: ____, ...again } = await verified(id_token);
    assert.deepEqual([again, later], [same, Number(iat) + 1000]);
  });
});
