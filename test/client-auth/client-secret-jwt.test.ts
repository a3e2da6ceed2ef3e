import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { TokenError } from 'koauthorize';
import { type ClientSecretJwtOptions, clientSecretJwt } from '../../lib/client-auth/client-secret-jwt.js';
import { toParams } from '../../lib/syntax/param-map.js';
import { goodClaims, inForm, NOW, onceOnly, signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';

const SECRET = 'ß'.repeat(16); // 32 bytes of UTF-8, in 16 characters

describe('client-auth/client-secret-jwt', () => {
  const attempt = (assertion: string) => ({
    ctx: {} as Context, // of no concern
    params: toParams(new Map(Object.entries(inForm(assertion)))),
    clientID: 'client',
  });
  const bySecret = (alg = 'HS256', secret = SECRET): string => signed(secret, { alg }, goodClaims('client'), alg);
  function made<C>(more: Partial<ClientSecretJwtOptions<C>> = {}) {
    const once = onceOnly();
    return { ...once, ...clientSecretJwt<C>({ issuer: ISSUER, useOnce: once.useOnce, now: () => NOW, ...more }) };
  }

  for (const alg of ['ES256', 'RS256', 'PS256', 'EdDSA', 'none', 'HS1', 'A128KW', '']) {
    it(`RFC 8725 §3.1: with ${alg} is a TypeError`, () => {
      const algorithms = ['HS256', alg] as never;
      assert.throws(() => clientSecretJwt({ issuer: ISSUER, useOnce: () => true, algorithms }), TypeError);
    });
  }

  it('has a name, and algorithms for the metadata', () => {
    const { name, algorithms } = made();
    assert.deepEqual([name, algorithms], ['client_secret_jwt', ['HS256', 'HS384', 'HS512']]);
  });

  it('claims sub, when it is signed in a way of its own', () => {
    const { identify } = made({ algorithms: ['HS256'] });
    assert.deepEqual(identify(attempt(bySecret())), ['client']);
    assert.deepEqual(identify(attempt(bySecret('HS384'))), []);
    assert.throws(() => identify(attempt('garbage')), TokenError);
  });

  it('RFC 7518 §3.2: the key is the bytes of the secret, and as many as the hash has', async () => {
    const { verify } = made();
    const sizes = { HS256: 32, HS384: 48, HS512: 64 };
    for (const [alg, size] of Object.entries(sizes)) {
      for (const [length, isTaken] of [
        [size - 1, false],
        [size, true],
        [size + 1, true],
      ] as const) {
        const client_secret = 'x'.repeat(length);
        const outcome = await verify(
          { client_id: 'client', client_secret } as never,
          attempt(bySecret(alg, client_secret)),
        );
        assert.equal(outcome, isTaken, `${alg} ${length}`);
      }
    }
    assert.equal(await verify({ client_secret: SECRET } as never, attempt(bySecret())), true);
  });

  it('another secret, or none', async () => {
    const { verify, calls } = made();
    for (const client_secret of [`${SECRET}x`, '', undefined, null, {}, ['x'.repeat(64)]])
      assert.equal(await verify({ client_secret } as never, attempt(bySecret())), false);
    assert.deepEqual(calls, []);
  });

  it('clients of another shape', async () => {
    const { verify } = made<{ readonly password: string | null }>({ secret: ({ password }) => password });
    assert.equal(await verify({ password: SECRET }, attempt(bySecret())), true);
    assert.equal(await verify({ password: null }, attempt(bySecret())), false);
  });

  it('a secret that is too short is told the operator, once', async () => {
    const program = `
      import { clientSecretJwt } from './lib/client-auth/client-secret-jwt.js';
      import { goodClaims, inForm, NOW, signed } from './test/support/assertions.js';
      const { verify } = clientSecretJwt({ issuer: 'https://as.example', useOnce: () => true, now: () => NOW });
      process.on('warning', ({ code, name }) => { if (code) console.log(name, code); });
      for (let time = 0; time < 2; time++) {
        const params = new Map(Object.entries(inForm(signed('short', { alg: 'HS256' }, goodClaims('client'), 'HS256'))));
        console.log(await verify({ client_secret: 'short' }, { ctx: {}, params, clientID: 'client' }));
      }`;
    const { node } = await import('../run.js');
    const { stdout, output } = await node(['--import', './test/register.mjs', '--input-type=module', '-e', program]);
    const said = stdout.split('\n').filter((line) => line.includes('SECRET'));
    assert.deepEqual(said, ['KoauthorizeWarning KOAUTHORIZE_SHORT_CLIENT_SECRET'], output);
    assert.equal(stdout.match(/false/g)?.length, 2, output);
  });
});
