/** What is no text, such as a cookie that is not there, is no token: an API that asks for it gets the same answer as for any other that is none. */
import assert from 'node:assert/strict';
import { introspectionVerifier, jwtVerifier } from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore, tokenService } from 'koauthorize/tokens';

const NO_TEXTS: readonly unknown[] = [undefined, null, 5, {}, ['a'], true];

const issuer = 'https://as.example';
const keys = await keySet({ signing: await generateSigningKey('ES256') });
const formats = { opaque: {}, jwt: { accessTokens: jwt({ issuer, audience: 'https://api.example', keys }) } };

describe('what is no text, where a token is wanted', () => {
  for (const [name, more] of Object.entries(formats))
    it(`verifies as nothing, is not active, and revokes nothing: ${name}`, async () => {
      const tokens = tokenService({ store: memoryStore(), ...more });
      for (const value of NO_TEXTS) {
        const token = value as string;
        assert.equal(await tokens.verify(token), undefined, String(value));
        assert.deepEqual(await tokens.introspect(token, { client_id: 'web' }), { active: false }, String(value));
        await tokens.revoke(token, { client_id: 'web' });
      }
    });

  it('is nothing to the verifiers of APIs, which ask nobody about it', async () => {
    const fetch = () => assert.fail('The authorization server was asked');
    const verifiers = [
      jwtVerifier({ issuer, audience: 'https://api.example', fetch }),
      introspectionVerifier({ endpoint: `${issuer}/introspect`, clientID: 'api', clientSecret: 'secret', fetch }),
    ];
    for (const verify of verifiers)
      for (const value of NO_TEXTS) assert.equal(await verify(value as string), undefined, String(value));
  });
});
