import assert from 'node:assert/strict';
import { variantsOf } from '../../../lib/testing/attack/authorization/redirect-variants.js';

describe('variants of a redirect URI', () => {
  for (const uri of [
    'https://web.example/callback',
    'https://web.example',
    'https://web.example:8443/a/callback?tenant=1',
    'http://localhost:3000/demo/callback',
    'http://127.0.0.1/cb',
    'http://[::1]:1/cb',
  ]) {
    it(`of ${uri}: a hundred, all different, none registered`, () => {
      const variants = variantsOf(uri, [uri]);
      assert.ok(variants.length >= 100, `${variants.length}`);
      assert.equal(new Set(variants).size, variants.length);
      assert.ok(!variants.includes(uri));
    });
  }

  it('are none of the other registered ones', () => {
    const uri = 'https://web.example/callback';
    const [first = ''] = variantsOf(uri, []);
    assert.ok(!variantsOf(uri, [uri, first]).includes(first));
  });

  it('RFC 8252 §7.3: of a loopback address other ports are none', () => {
    const ports = variantsOf('http://127.0.0.1/cb', []).filter((uri) => /^http:\/\/127\.0\.0\.1:\d+\/cb$/.test(uri));
    assert.deepEqual(ports, []);
  });

  it('of another address they are', () => {
    assert.ok(variantsOf('https://web.example/cb', []).includes('https://web.example:8443/cb'));
  });
});
