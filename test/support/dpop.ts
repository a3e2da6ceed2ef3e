/** DPoP proofs as clients make them, and as attackers do. */
import { hash } from 'node:crypto';
import { CompactSign, type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** A key of a client. */
export interface ClientKey {
  readonly alg: string;
  readonly privateKey: CryptoKey;
  /** As it is in proofs. */
  readonly jwk: JWK;
  /** With its private members. */
  readonly privateJWK: JWK;
  readonly thumbprint: string;
}

export async function clientKey(alg = 'ES256'): Promise<ClientKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return {
    alg,
    privateKey,
    jwk,
    privateJWK: await exportJWK(privateKey),
    thumbprint: await calculateJwkThumbprint(jwk),
  };
}

export const athOf = (token: string): string => hash('sha256', token, 'base64url');

/** What a proof says, where it is not what a good one says; a member that is undefined is left out. */
export interface ProofParts {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** In place of the claims as JSON. */
  readonly payload?: string;
  /** What signs it, in place of the key in its header. */
  readonly signedBy?: ClientKey;
}

export interface ProofTarget {
  readonly method?: string;
  readonly url: string;
  readonly token?: string | undefined;
  readonly nonce?: string | undefined;
  /** Epoch seconds. */
  readonly at?: number;
}

let made = 0;

/** A proof for a request. */
export async function proofFor(
  key: ClientKey,
  { method = 'POST', url, token, nonce, at = Math.floor(Date.now() / 1000) }: ProofTarget,
  { header = {}, claims = {}, payload, signedBy = key }: ProofParts = {},
): Promise<string> {
  made += 1;
  const ath = token === undefined ? undefined : athOf(token);
  const all = { jti: `proof ${made} of ${process.pid}`, htm: method, htu: url, iat: at, ath, nonce, ...claims };
  const text = new TextEncoder().encode(payload ?? JSON.stringify(all));
  const protectedHeader = { typ: 'dpop+jwt', alg: signedBy.alg, jwk: key.jwk, ...header };
  return new CompactSign(text)
    .setProtectedHeader(protectedHeader as never)
    .sign(signedBy.privateKey, { crit: { exp: false } });
}
