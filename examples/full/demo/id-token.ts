/**
 * Verifies an ID token, and shows each check as a step. A real client uses a library for this, as second.ts does.
 *
 * @see OpenID Connect Core §3.1.3.7
 */
import { createHash } from 'node:crypto';
import { compactVerify, importJWK, type JWK } from 'jose';
import { CLIENT_ID } from './client.js';
import { call } from './http.js';
import { RULES } from './rules.js';
import { decodeJWT, showClaims } from './show.js';
import { note, type Visit } from './visit.js';

interface Expected {
  readonly issuer: string;
  /** Absent after a refresh, which has no authorization request. */
  readonly nonce?: string | undefined;
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly now: number;
}

type Claims = Readonly<Record<string, unknown>>;
type Check = readonly [isGood: boolean, says: string];

/** Seconds that clocks may differ. */
const SKEW = 30;

/** The left half of a hash, by which an ID token is bound to a code or an access token. All algorithms here hash with SHA-256. */
const leftHalf = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

async function isSigned(idToken: string, key: JWK | undefined, alg: string): Promise<boolean> {
  if (!key) return false;
  const signed = compactVerify(idToken, await importJWK(key, alg), { algorithms: [alg] });
  return signed.then(
    () => true,
    () => false,
  );
}

function checksOf(claims: Claims, { issuer, nonce, accessToken, now }: Expected): readonly Check[] {
  const { iss, aud, azp, exp, iat, at_hash: atHash, auth_time: authTime } = claims;
  const audiences = [aud].flat();
  return [
    [iss === issuer, `iss: it is from ${issuer}`],
    [audiences.includes(CLIENT_ID), `aud: it is for ${CLIENT_ID}, and for no other application`],
    [audiences.length === 1 || azp === CLIENT_ID, 'azp: it was given to this application'],
    [Number(exp) > now - SKEW, 'exp: it is still good'],
    [Math.abs(Number(iat) - now) < 600, 'iat: it was made now'],
    ...(nonce === undefined
      ? []
      : [[claims['nonce'] === nonce, 'nonce: it answers the request of this browser'] as const]),
    ...(atHash === undefined
      ? []
      : [[atHash === leftHalf(accessToken), 'at_hash: the access token came with it'] as const]),
    [authTime === undefined || Number(authTime) <= now + SKEW, 'auth_time: when you logged in there'],
  ];
}

/** @throws Error for an invalid ID token. The step shows what is wrong */
export async function verifyIDToken(visit: Visit, idToken: string, expected: Expected): Promise<Claims> {
  const decoded = decodeJWT(idToken);
  if (!decoded) throw new Error('The ID token is no JWT.');
  const { header, payload } = decoded as { readonly header: Claims; readonly payload: Claims };
  const { json } = await call(visit, {
    title: 'Postcards asks for the keys of the server',
    why: 'With them it can tell by itself whether the server has signed an ID token.',
    url: visit.metadata?.jwks_uri ?? '',
  });
  const keys = (json['keys'] ?? []) as readonly JWK[];
  const alg = String(header['alg']);
  const isExpectedAlgorithm = alg === 'RS256'; // the registered algorithm, and not one that an attacker writes into the header. OpenID Connect Core §3.1.3.7
  const key = keys.find(({ kid }) => kid === header['kid']);
  const checks: readonly Check[] = [
    [isExpectedAlgorithm && (await isSigned(idToken, key, alg)), `signature: by the key ${key?.kid} of the server`],
    ...checksOf(payload, expected),
  ];
  const isGood = checks.every(([good]) => good);
  note(visit, {
    title: 'Postcards verifies the ID token',
    why: 'It says who you are. The access token does not: it is for the API, and could be that of anybody.',
    outcome: isGood ? 'done' : 'refused',
    says: [
      { label: 'Payload', text: showClaims(payload, expected.now) },
      { label: 'Checks', text: checks.map(([good, says]) => `${good ? '✓' : '✗'} ${says}`).join('\n') },
    ],
    rule: RULES.idToken,
  });
  if (!isGood) throw new Error('The ID token is not good.');
  return payload;
}
