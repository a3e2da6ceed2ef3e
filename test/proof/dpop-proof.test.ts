/** The check of a DPoP proof, by itself. Over HTTP: test/spec/rfc9449.test.ts. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ProofHeaders } from '../../lib/extension/dpop/header.js';
import { checkProof, type Presented } from '../../lib/extension/dpop/proof.js';
import { comparable } from '../../lib/extension/dpop/url.js';
import { usedHere } from '../../lib/extension/dpop/used.js';
import { clientKey, proofFor } from '../support/dpop.js';

const HEADER =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19';
/** RFC 9449 §4.1, figure 2. */
const AT_TOKEN = `${HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`;
/** RFC 9449 §7.1, figure 12. */
const AT_API = `${HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`;
/** §6.1 */
const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';
const TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU';
const NOW = 1_562_262_618;

const headers = new ProofHeaders(['ES256']);
const check = (presented: Presented) => checkProof(presented, { headers, now: NOW });

describe('the check of a DPoP proof', () => {
  it('RFC 9449 §4.1, §7.1: the example proofs', async () => {
    const token = { proof: AT_TOKEN, method: 'POST', urls: ['https://server.example.com/token'] };
    const good = { thumbprint: THUMBPRINT, jti: '-BwC3ESc6acc2lTc', issuedAt: 1_562_262_616, nonce: undefined };
    assert.deepEqual(await check(token), good);
    const url = 'https://resource.example.org/protectedresource';
    const api = { proof: AT_API, method: 'GET', urls: ['https://other.example/', url], token: TOKEN };
    assert.deepEqual(await check(api), { ...good, jti: 'e1j3V_bKic8-LAEB', issuedAt: NOW });
    for (const wrong of [
      { ...api, method: 'POST' },
      { ...api, urls: [`${url}/x`] },
      { ...api, urls: [] },
      { ...api, token: 'x' },
      { ...token, token: TOKEN },
    ])
      assert.ok('fault' in (await check(wrong)));
  });

  it('RFC 9449 §4.2, §4.3 item 7: says what is wrong with the key in the header: it is missing, or private', async () => {
    const own = await clientKey();
    const target = { url: 'https://as.example/token', at: NOW };
    const faultFor = async (jwk: unknown): Promise<unknown> => {
      const proof = await proofFor(own, target, { header: { jwk } });
      return Reflect.get(await check({ proof, method: 'POST', urls: [target.url] }), 'fault');
    };
    for (const jwk of [undefined, null, 'key', [own.jwk]]) assert.equal(await faultFor(jwk), 'jwk is missing');
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])
      assert.equal(await faultFor({ ...own.jwk, [name]: 'x' }), 'jwk is a private key', name);
  });

  it('keeps a header only when its key has signed a proof: of it what is used, and of the last 1,000', async () => {
    const own = await clientKey();
    const target = { url: 'https://as.example/token', at: NOW };
    /** A proof with a header of its own. */
    const proofWith = (more: unknown) => proofFor(own, target, { header: { more } });
    const isGood = async (proof: string) => !('fault' in (await check({ proof, method: 'POST', urls: [target.url] })));
    const isKept = (proof: string) => {
      const [header = ''] = proof.split('.');
      const once = headers.read(header);
      return headers.read(header) === once;
    };
    const first = await proofWith(0);
    const [header = '', payload = ''] = first.split('.');
    assert.equal(await isGood(`${header}.${payload}.${'A'.repeat(86)}`), false);
    assert.equal(isKept(first), false, 'a stranger wrote it');
    assert.equal(await isGood(await proofFor(own, target, { header: { typ: 'JWT' } })), false);
    assert.equal(isKept(await proofFor(own, target, { header: { typ: 'JWT' } })), false, 'a fault');
    assert.equal(await isGood(first), true);
    assert.equal(isKept(first), true);
    assert.deepEqual(Object.keys(headers.read(header)), ['alg', 'key', 'thumbprint'], 'and nothing else of it');
    for (let i = 1; i < 1000; i++) assert.equal(await isGood(await proofWith(i)), true);
    assert.equal(isKept(first), true);
    await isGood(first); // it is the one that was used last now
    assert.equal(await isGood(await proofWith(1000)), true);
    assert.equal(isKept(first), true);
    assert.equal(isKept(await proofWith(1)), false);
  });

  it('gives a fault for whatever a stranger writes, and never throws', async () => {
    const own = await clientKey();
    const good = await proofFor(own, { url: 'https://a.example', at: NOW });
    const [head = '', payload = '', signature = ''] = good.split('.');
    const encoded = fc.anything().map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url'));
    const jwk = fc.dictionary(
      fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e'),
      fc.oneof(fc.string(), fc.integer(), fc.constantFrom('EC', 'OKP', 'RSA', 'P-256', 'AQAB')),
    );
    const header = jwk.map((key) =>
      Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key })).toString('base64url'),
    );
    const proof = fc.oneof(
      fc.string(),
      fc.tuple(fc.oneof(encoded, header), encoded, encoded).map((parts) => parts.join('.')),
      header.map((one) => [one, payload, signature].join('.')),
      encoded.map((one) => [head, one, signature].join('.')),
    );
    await fc.assert(
      fc.asyncProperty(proof, async (each) => {
        const checked = await check({ proof: each, method: 'POST', urls: ['https://a.example'] });
        assert.ok('fault' in checked);
      }),
      { numRuns: 300 },
    );
  });

  it('§4.3 item 9: URLs are compared in their normal form', () => {
    const same: readonly (readonly [string, string])[] = [
      ['HTTPS://A.Example:443/x?y#z', 'https://a.example/x'],
      ['https://a.example', 'https://a.example/'],
      ['https://a.example/%7Eb/%c3%A9', 'https://a.example/~b/%C3%A9'],
      ['http://a.example:80/../x', 'http://a.example/x'],
      ['https://[::1]:443/', 'https://[::1]/'],
    ];
    for (const [one, other] of same) assert.equal(comparable(one), comparable(other), one);
    for (const other of [
      'https://a.example/X',
      'https://a.example/x/',
      'https://a.example/%2Fx',
      'https://a.example./x',
      'http://a.example/x',
    ])
      assert.notEqual(comparable(other), comparable('https://a.example/x'), other);
    for (const none of [
      '',
      '/x',
      'ftp://a.example/',
      'https://',
      'https://u:p@a.example/',
      'javascript:x',
      'https:a.example',
    ])
      assert.equal(comparable(none), undefined, none);
  });

  it('what this process remembers is bounded, and the oldest is forgotten first', async () => {
    let now = NOW;
    const useOnce = usedHere(() => now, 3);
    const use = (key: string): unknown => useOnce(key, now + 60);
    assert.deepEqual([use('a'), use('b'), use('c'), use('a')], [true, true, true, false]);
    assert.deepEqual([use('d'), use('c'), use('a')], [true, false, true]);
    now += 60;
    assert.deepEqual([use('d'), use('d')], [true, false]);
  });
});
