/** A key management service in this process: its keys never leave it, and it can be told to fail. */

import type { webcrypto } from 'node:crypto';
import { exportJWK } from 'jose';
import type { ExternalKey, SigningAlgorithm } from 'koauthorize/tokens';

const { subtle } = globalThis.crypto;

type Algorithm = Exclude<SigningAlgorithm, 'Ed25519'>;

const RSA = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };

/** How WebCrypto makes keys, and signs with them. */
const ALGORITHMS = {
  ES256: [
    { name: 'ECDSA', namedCurve: 'P-256' },
    { name: 'ECDSA', hash: 'SHA-256' },
  ],
  EdDSA: [{ name: 'Ed25519' }, { name: 'Ed25519' }],
  RS256: [{ name: 'RSASSA-PKCS1-v1_5', ...RSA }, { name: 'RSASSA-PKCS1-v1_5' }],
  PS256: [
    { name: 'RSA-PSS', ...RSA },
    { name: 'RSA-PSS', saltLength: 32 },
  ],
} as const;

/** A number of an ECDSA signature in ASN.1, as short as it goes. */
function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start);
  const padded = (digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  return Buffer.concat([Buffer.from([2, padded.length]), padded]);
}

/** RFC 3279 §2.2.3: what key management services give for ECDSA. */
export function inASN1(signature: Uint8Array): Buffer {
  const bytes = Buffer.from(signature);
  const content = Buffer.concat([
    integer(bytes.subarray(0, bytes.length / 2)),
    integer(bytes.subarray(bytes.length / 2)),
  ]);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
}

export async function fakeKMS(alg: Algorithm) {
  const [making, signing] = ALGORITHMS[alg];
  const pair = await subtle.generateKey(making, false, ['sign', 'verify']);
  const { privateKey, publicKey } = pair as webcrypto.CryptoKeyPair;
  let isDown = false;
  let signed = 0;
  const key: ExternalKey = {
    publicKey: { ...(await exportJWK(publicKey)), alg },
    async sign(data) {
      if (isDown) throw new Error('the key management service is down');
      signed += 1;
      return new Uint8Array(await subtle.sign(signing, privateKey, Buffer.from(data)));
    },
  };
  return {
    key,
    privateKey,
    /** How many signatures it has made. */
    count: () => signed,
    /** Whether it answers from now on. */
    fail: (fails = true) => {
      isDown = fails;
    },
  };
}
