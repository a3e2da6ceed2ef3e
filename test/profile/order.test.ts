/** What a profile forbids also where extensions are plugged in after it. */
import assert from 'node:assert/strict';
import { exchange, grant, jwks, openid, scopes } from 'koauthorize';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { type App, authorize, good, house, keysOf, redeem, type User } from './house.js';
import { without } from './without.js';

/** openid(), and a default scope that asks for it: the profile sees neither the word nor the ID token where it comes. */
async function connect(alg: string | undefined) {
  const app = good('fapi2', await keysOf(), { id_token_signed_response_alg: alg });
  const made = await house({
    clients: [app],
    plugs: [
      ...fapi2<App, User>({ appliesTo: () => true }),
      openid<App, User>(),
      jwks(),
      scopes<App, User>(['openid', 'read'], { default: ['openid'] }),
    ],
    plug: (server, tokens) => server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)),
  });
  const change = { object: 'none', params: { scope: undefined, response_mode: undefined } } as const;
  const { code } = await authorize(made, app, change);
  return (await redeem(made, app, code, change)).body;
}

describe('profiles: what is plugged in after them', () => {
  it('fapi2: an ID token by RS256, which a default scope asks for', async () => {
    assert.equal(typeof (await connect('ES256')).id_token, 'string');
    for (const alg of [undefined, 'RS256']) {
      const { id_token, access_token, error } = await connect(alg);
      assert.deepEqual([id_token, access_token, error], [undefined, undefined, 'server_error']);
    }
    const { id_token } = await without(['algorithm of the server'], () => connect('RS256'));
    assert.equal(typeof id_token, 'string');
  });
});
