/** The bound publicPerMinute counts the requests of clients that strangers can make, also if they authenticate. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { deviceAuthorization, pushedRequests, type RegisteredClient } from 'koauthorize';
import { goodClaims, inForm, NOW, signed } from '../support/assertions.js';
import { CALLBACK, CHALLENGE, type User } from '../support/authorization-server.js';
import { documentServer } from '../support/document-server.js';
import { assertErrorHere } from '../support/form.js';
import { type RegistrationSetup, registrationServer, TOKEN, WEB } from '../support/registration-server.js';

const REQUEST = {
  response_type: 'code',
  redirect_uri: CALLBACK,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

describe('publicPerMinute', () => {
  /** A confidential client that has registered itself. */
  async function registered(registration?: RegistrationSetup['registration']) {
    const plugs = [
      pushedRequests<RegisteredClient, User>({ publicPerMinute: 1 }),
      deviceAuthorization<RegisteredClient, User>({ publicPerMinute: 1 }),
    ];
    const server = registrationServer({ plugs, ...(registration && { registration }) });
    const who = await server.registered({ ...WEB, grant_types: ['authorization_code', DEVICE] }, TOKEN);
    assert.ok(who.client_secret !== undefined);
    return {
      push: () => server.post('/par', REQUEST, who),
      begin: () => server.post('/device_authorization', {}, who),
    };
  }

  it('RFC 9126 §2.3 counts pushed requests of a confidential client that anybody could register', async () => {
    const { push } = await registered();
    await push().expect(201);
    assertErrorHere(await push(), 429, 'temporarily_unavailable');
  });

  it('RFC 8628 §3.1 counts devices of a confidential client that anybody could register', async () => {
    const { begin } = await registered();
    await begin().expect(200);
    assertErrorHere(await begin(), 429, 'temporarily_unavailable');
  });

  it('does not count requests of a confidential client that was allowed to register by an initial access token', async () => {
    const { push, begin } = await registered({ initialAccess: (token) => token === TOKEN });
    for (const _ of [1, 2]) {
      await push().expect(201);
      await begin().expect(200);
    }
  });

  it('counts the requests of a client with a document, which authenticates by a key', async () => {
    const id = 'https://client.example/client.json';
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const document = {
      client_id: id,
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', DEVICE],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [publicKey.export({ format: 'jwk' })] },
    };
    const server = documentServer({
      fetch: async () => Response.json(document),
      grantTypes: ['authorization_code', DEVICE],
      plugs: [deviceAuthorization({ publicPerMinute: 1 })],
    });
    assert.equal(server.clock.now, NOW);
    const proof = () => {
      const times = { exp: server.clock.now + 60, iat: server.clock.now };
      return inForm(signed(privateKey.export({ format: 'jwk' }), { alg: 'ES256' }, goodClaims(id, times)));
    };
    await server.post('/par', { ...REQUEST, ...proof() }).expect(201);
    await server.decide((await server.authorize(id)).body.transactionID).expect(303); // from now on the client is known
    await server.post('/device_authorization', proof()).expect(200);
    assertErrorHere(await server.post('/device_authorization', proof()), 429, 'temporarily_unavailable');
  });
});
