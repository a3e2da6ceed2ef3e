import assert from 'node:assert/strict';
import {
  clientSecretBasic,
  generateClientSecret,
  hashClientSecret,
  matchesClientSecret,
} from 'koauthorize/client-auth';
import { basic, clientAuthServer, client as clientOf, type Registered } from '../support/client-auth.js';

describe('client-auth: secrets', () => {
  it('are made of 256 random bits, in characters that need no encoding', () => {
    const secrets = new Set(Array.from({ length: 1000 }, generateClientSecret));
    assert.equal(secrets.size, 1000);
    for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/);
  });

  it('are kept as SHA-256 in base64url', () => {
    // FIPS 180-4, "abc"
    const abc = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex');
    assert.equal(hashClientSecret('abc'), abc.toString('base64url'));
  });

  it('match their own hash and no other', () => {
    const [secret, other] = [generateClientSecret(), generateClientSecret()];
    const hash = hashClientSecret(secret);
    assert.equal(matchesClientSecret(secret, hash), true);
    assert.equal(matchesClientSecret(other, hash), false);
    for (const wrong of [undefined, '', 'short', `${hash}AAAA`, secret])
      assert.equal(matchesClientSecret(secret, wrong), false);
    assert.equal(matchesClientSecret('', hash), false);
  });

  it('let a client in that is known by its hash', async () => {
    const secret = generateClientSecret();
    const clients = [clientOf('hashed', { secret_hash: hashClientSecret(secret) })];
    const compare = (given: string, app: Registered) => matchesClientSecret(given, String(app['secret_hash']));
    const { token } = clientAuthServer({ clients, authentication: { methods: [clientSecretBasic({ compare })] } });
    await token({}, basic('hashed', secret)).expect(200);
    await token({}, basic('hashed', hashClientSecret(secret))).expect(401);
  });
});
