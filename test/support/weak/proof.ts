/** DPoP proofs. @see RFC 9449 §4.3 */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import type { Context } from 'koa';
import type { Flaw, Weak } from './flaws.js';
import { Refusal } from './refusal.js';
import type { State } from './state.js';

const PUBLIC = ['kty', 'crv', 'x', 'y'];

function publicHalf(jwk: JWK): JWK {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => PUBLIC.includes(name))) as JWK;
}

async function isSigned(proof: string, jwk: JWK, weak: Weak): Promise<boolean> {
  const { alg } = decodeProtectedHeader(proof);
  if (alg === 'none') return weak('dpop-proof-forgery');
  const isByHMAC = alg === 'HS256';
  const text = jwk.kty === 'oct' ? Buffer.from(jwk.k ?? '', 'base64url') : Buffer.from(JSON.stringify(jwk));
  if (isByHMAC && !weak(jwk.kty === 'oct' ? 'dpop-proof-forgery:own-secret' : 'dpop-proof-forgery:hmac')) return false;
  const key = isByHMAC ? new Uint8Array(text) : await importJWK(publicHalf(jwk), 'ES256');
  const good = await compactVerify(proof, key, { algorithms: [isByHMAC ? 'HS256' : 'ES256'] }).catch(() => undefined);
  return Boolean(good) || weak('dpop-proof-forgery:signature');
}

function isForAnother(ctx: Context, proof: string, state: State, weak: Weak, token?: string): boolean {
  if (weak('dpop-proof-of-another-request')) return false;
  const { htm, htu, iat = 0, jti, ath } = decodeJwt(proof);
  const faults: readonly (readonly [Flaw, boolean])[] = [
    ['dpop-proof-of-another-request:method', htm !== ctx.method],
    ['dpop-proof-of-another-request:url', htu !== `${state.issuer}${ctx.path}`],
    ['dpop-proof-of-another-request:time', Math.abs(Date.now() / 1000 - iat) > 60],
    ['dpop-proof-of-another-request:identifier', jti === undefined],
    [
      'dpop-proof-of-another-request:token',
      token !== undefined && ath !== createHash('sha256').update(token).digest('base64url'),
    ],
  ];
  return faults.some(([flaw, isFault]) => isFault && !weak(flaw));
}

function isReplay(proof: string, state: State, weak: Weak, token?: string): boolean {
  const name = JSON.stringify([decodeProtectedHeader(proof).jwk, decodeJwt(proof).jti]);
  const isKnown = state.proofs.has(name);
  state.proofs.add(name);
  return isKnown && !weak('dpop-proof-replay') && !(token !== undefined && weak('dpop-proof-replay:api'));
}

async function check(ctx: Context, proof: string, state: State, weak: Weak, token?: string): Promise<string> {
  const { jwk, typ } = decodeProtectedHeader(proof);
  const isPublic = Object.keys(jwk ?? {}).every((name) => PUBLIC.includes(name)) || jwk?.kty === 'oct';
  const isKind = typ === 'dpop+jwt' || weak('dpop-proof-forgery:type');
  const isGood =
    jwk &&
    isKind &&
    (isPublic || weak('dpop-proof-forgery:private-key')) &&
    (await isSigned(proof, jwk, weak)) &&
    !isForAnother(ctx, proof, state, weak, token) &&
    !isReplay(proof, state, weak, token);
  if (!isGood) throw new Refusal('invalid_dpop_proof', 'Not a good proof', token === undefined ? 400 : 401);
  return calculateJwkThumbprint(jwk);
}

/** The thumbprint of the key that has made the proof of a request; undefined where there is none. @throws Refusal */
export async function proofOf(ctx: Context, state: State, weak: Weak, token?: string): Promise<string | undefined> {
  const proof = ctx.get('DPoP');
  if (!proof) return undefined;
  try {
    return await check(ctx, proof, state, weak, token);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('invalid_dpop_proof', 'Not a proof', 400);
  }
}
