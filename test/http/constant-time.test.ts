/** The one comparison of secrets: that it takes one time cannot be asserted, but that it is left to Node's can. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { pkce } from 'koauthorize';
import { matchesClientSecret } from 'koauthorize/client-auth';
import { certificateProof } from 'koauthorize/resource-server';
import { compareStored } from '../../lib/client-auth/secret.js';
import { equalInConstantTime } from '../../lib/secrets/constant-time.js';
import { erase } from '../../lib/secrets/erase.js';
import { CHALLENGE, VERIFIER } from '../support/authorization-server.js';

/** How often Node compares meanwhile. */
async function comparisons(act: () => unknown): Promise<number> {
  const { timingSafeEqual } = crypto;
  let count = 0;
  crypto.timingSafeEqual = (...pair) => {
    count += 1;
    return timingSafeEqual(...pair);
  };
  syncBuiltinESMExports();
  try {
    await act();
  } finally {
    crypto.timingSafeEqual = timingSafeEqual;
    syncBuiltinESMExports();
  }
  return count;
}

describe('http/constant-time', () => {
  it('tells equal texts from others, of whatever length', () => {
    for (const [one, other] of [
      ['', 'a'],
      ['a', 'ab'],
      ['a', 'b'],
      ['\u00e4', 'a\u0308'],
      ['a', 'a\0'],
      ['a'.repeat(256), 'a'.repeat(257)],
      ['a'.repeat(1000), `${'a'.repeat(999)}b`],
    ] as const) {
      assert.equal(equalInConstantTime(one, other), false);
      assert.equal(equalInConstantTime(other, one), false);
      assert.equal(equalInConstantTime(one, one), true, 'whatever was compared before');
      assert.equal(equalInConstantTime(other, other), true);
    }
  });

  it('compares no rest of longer texts that were compared before', () => {
    assert.equal(equalInConstantTime('the same, and one', 'the same, and another'), false);
    assert.equal(equalInConstantTime('the same', 'the same'), true);
  });

  it('erases what it is told to, and no more', () => {
    const buffer = Buffer.from('abcdef');
    erase(buffer, 2, 4);
    assert.deepEqual(buffer, Buffer.from('ab\0\0ef'));
  });

  const authorization = { clientID: 'c', redirectURI: '', scope: [] };
  const request = { type: 'code', clientID: 'c', codeChallenge: CHALLENGE, codeChallengeMethod: 'S256' as const };
  const compared: Readonly<Record<string, () => unknown>> = {
    'RFC 7636 §4.6 verifiers': () =>
      pkce().token?.check?.({ ...authorization, request }, { codeVerifier: VERIFIER } as never, ''),
    'RFC 6749 §2.3.1 client secrets as they stand': () => compareStored('wrong', { client_secret: 'right' }),
    'RFC 8705 §3 certificates': () =>
      certificateProof({
        certificate: () => ({ certificate: { raw: Buffer.from('another') } as never, isVerified: false }),
      }).prove({} as never, 'a token', 'x'),
    'client secrets by their hash': () => matchesClientSecret('wrong', 'hash'),
  };
  for (const [what, compare] of Object.entries(compared)) {
    it(`compares ${what}`, async () => assert.equal(await comparisons(compare), 1));
  }
});
