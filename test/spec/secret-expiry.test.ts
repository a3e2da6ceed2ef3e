/** RFC 7591 §3.2.1: client_secret_expires_at. */
import assert from 'node:assert/strict';
import { clientSecretBasic, clientSecretJwt, clientSecretPost } from 'koauthorize/client-auth';
import { goodClaims, inForm, NOW, onceOnly, signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import { basic, client, clientAuthServer, type Registered } from '../support/client-auth.js';
import { assertInvalidClient } from '../support/form.js';

const SECRET = 'a secret of more than thirty-two bytes, for HS256';

/** A client in each of the ways that use its secret, and what each would send. */
function serverFor(client_secret_expires_at: unknown) {
  const now = () => NOW;
  const compare = (secret: string): boolean => secret === SECRET; // an application's own, which knows of no expiry
  const methods = [
    clientSecretBasic<Registered>({ compare, now }),
    clientSecretPost<Registered>({ now }),
    clientSecretJwt<Registered>({ issuer: ISSUER, useOnce: onceOnly().useOnce, now }),
  ];
  const clients = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'].map((name) =>
    client(name, { client_secret: SECRET, token_endpoint_auth_method: name, client_secret_expires_at }),
  );
  const { token, errors, issued } = clientAuthServer({ clients, authentication: { methods } });
  const ways = {
    client_secret_basic: () => token({}, basic('client_secret_basic', encodeURIComponent(SECRET))),
    client_secret_post: () => token({ client_id: 'client_secret_post', client_secret: SECRET }),
    client_secret_jwt: () => token(inForm(signed(SECRET, { alg: 'HS256' }, goodClaims('client_secret_jwt')))),
  };
  return { token, errors, issued, ways };
}

describe('RFC 7591 §3.2.1 client_secret_expires_at', () => {
  const good: readonly unknown[] = [undefined, null, 0, '0', NOW + 1, String(NOW + 1), BigInt(NOW + 1)];
  const expired: readonly unknown[] = [
    1,
    NOW,
    String(NOW - 1),
    -1,
    Number.NaN,
    '',
    'tomorrow',
    true,
    {},
    new Date(0),
    (NOW - 1) * 1000,
    `${(NOW + 1) * 1000}`,
  ];
  for (const at of good)
    it(`${typeof at} ${at}: the secret is good, in each of the three methods`, async () => {
      for (const [name, ask] of Object.entries(serverFor(at).ways)) assert.equal((await ask()).status, 200, name);
    });

  for (const at of expired)
    it(`${typeof at} ${at}: the secret has expired, in each of the three methods, and the operator is told why`, async () => {
      const { ways, errors, issued } = serverFor(at);
      for (const ask of Object.values(ways)) {
        const response = await ask();
        assertInvalidClient(response);
        assert.equal(response.body.error_description, 'Client authentication failed');
        assert.match(String(errors.at(-1)?.cause), /client_secret of client_secret_\w+ is right, and has expired/);
      }
      assert.deepEqual(issued, []);
    });

  it('a wrong secret is said to be wrong, and not expired', async () => {
    const { token, errors } = serverFor(1);
    assertInvalidClient(await token({ client_id: 'client_secret_post', client_secret: 'x' }));
    assert.match(String(errors.at(-1)?.cause), /is not right/);
  });
});
