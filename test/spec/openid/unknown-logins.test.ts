/** OpenID Connect Core §3.1.2.1, §15.1: an OpenID Provider that does not know when and how its users log in. */
import assert from 'node:assert/strict';
import { type ClientMetadata, createServer, openid } from 'koauthorize';
import type { KeySet } from 'koauthorize/tokens';
import { ISSUER } from '../../support/authorization-server.js';
import { rsaKeys } from '../../support/openid-server.js';

describe('OpenID Connect Core §15.1: openid() without createServer({ authenticationEvent })', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });
  const made = (more: object = {}) => createServer({ issuer: ISSUER, keys, ...more }).extend(openid());
  const KNOWN = { authenticationEvent: () => undefined };

  it('server.check() warns of it, and not where the server knows the logins', () => {
    const [finding, ...others] = made().check().findings;
    assert.deepEqual([finding?.rule, finding?.severity, others], ['openid-logins-unknown', 'warning', []]);
    assert.match(finding?.remedy ?? '', /createServer\(\{ authenticationEvent \}\)/);
    assert.deepEqual(made(KNOWN).check().findings, []);
  });

  it('a registration that needs the time of logins is refused, since every request of such a client would fail', async () => {
    const register = async (metadata: object, more?: object) => {
      const provider = made(more).core.extensions.find(({ name }) => name === 'openid');
      return provider?.register?.(metadata as ClientMetadata);
    };
    for (const needs of [{ require_auth_time: true }, { default_max_age: 3600 }, { default_max_age: 0 }]) {
      const refusal = { code: 'invalid_client_metadata', message: /does not know when users log in/ };
      await assert.rejects(register(needs), refusal, JSON.stringify(needs));
      assert.deepEqual(await register(needs, KNOWN), needs);
    }
    await register({ require_auth_time: false });
  });
});
