/** Assertions as clients make them, and as attackers do: every header and every payload can be signed. */
import { createHmac, createPrivateKey, randomUUID, sign } from 'node:crypto';
import type { JWK } from 'jose';
import type { UseOnce } from '../../lib/client-auth/assertion.js';
import { ISSUER } from './authorization-server.js';

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** 2026-01-01 */
export const NOW = 1_767_225_600;

/** JSON, or text in its place. */
export type Part = Readonly<Record<string, unknown>> | string;

const encode = (part: Part): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** What openssl calls the algorithms. */
function signature(alg: string, key: JWK | string | Buffer, input: string): Buffer {
  const hash = `sha${alg.slice(2)}`;
  if (typeof key === 'string' || Buffer.isBuffer(key)) return createHmac(hash, key).update(input).digest();
  const privateKey = {
    key: createPrivateKey({ key: key as never, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  } as const;
  if (alg.startsWith('Ed')) return sign(undefined, Buffer.from(input), privateKey);
  return sign(
    hash,
    Buffer.from(input),
    alg.startsWith('PS') ? { ...privateKey, padding: 6, saltLength: -1 } : privateKey,
  );
}

/** @param key a private key, or what HMAC is to take for a secret */
export function signed(key: JWK | string | Buffer, header: Part, claims: Part, alg = 'ES256'): string {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signature(alg, key, input).toString('base64url')}`;
}

/** What a good client says. */
export function goodClaims(clientID: string, more: Readonly<Record<string, unknown>> = {}) {
  return { iss: clientID, sub: clientID, aud: ISSUER, exp: NOW + 60, iat: NOW, jti: randomUUID(), ...more };
}

export function inForm(client_assertion: string) {
  return { client_assertion_type: ASSERTION_TYPE, client_assertion };
}

/** Remembers what was used, in memory, with what it was told. */
export function onceOnly() {
  const calls: { readonly key: string; readonly expiresAt: number }[] = [];
  const used = new Set<string>();
  const useOnce: UseOnce = async (key, expiresAt) => {
    calls.push({ key, expiresAt });
    const isFirst = !used.has(key);
    used.add(key);
    return isFirst;
  };
  return { useOnce, calls };
}
