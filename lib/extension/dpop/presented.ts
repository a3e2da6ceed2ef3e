/** The DPoP proof of a request, at an authorization server and at an API. @see RFC 9449 §4.3, §8, §11.1 */
import type { Context } from 'koa';
import type { UseOnce } from '../../client-auth/assertion.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import { noStore } from '../../http/headers.js';
import { perRequest } from '../../http/per-request.js';
import type { Awaitable } from '../../types.js';
import type { ProofHeaders } from './header.js';
import type { DPoPNonces } from './nonce.js';
import { checkProof, type GoodProof } from './proof.js';
import { nameOf, rememberedUntil } from './used.js';

/** How an authorization server, or an API, checks proofs. */
export interface ProofSettings {
  readonly headers: ProofHeaders;
  readonly nonces: DPoPNonces | undefined;
  readonly useOnce: UseOnce;
  /** The status of refusals: 400 at an authorization server (RFC 6749 §5.2), 401 at an API (RFC 9449 §7.1). */
  readonly status: 400 | 401;
  now(): number;
}

/** A valid proof that came with a request. */
export interface PresentedProof {
  /** The thumbprint of its key. */
  readonly thumbprint: string;
  /** Marks the proof as used. A second call for the same request does nothing. @throws OAuth2Error if another request has used it */
  use(): Promise<void>;
}

/** The error for a missing or invalid proof. @see RFC 9449 §5, §7.1 */
export function invalidProof(
  { status }: Pick<ProofSettings, 'status'>,
  fault: string,
  values?: ReasonValues,
): OAuth2Error {
  const error = new OAuth2Error(`DPoP proof: ${fault}`, 'invalid_dpop_proof', undefined, status);
  return reasoned(error, `The DPoP proof is not valid: ${fault}`, values);
}

/** @throws OAuth2Error `use_dpop_nonce`, with the nonce to use. @see RFC 9449 §8, §9 */
async function requireNonce({ nonce }: GoodProof, current: string, { nonces, status }: ProofSettings): Promise<void> {
  if (!nonces || (nonce !== undefined && (await nonces.accepts(nonce)) === true)) return; // §4.3 item 10
  throw reasoned(
    new OAuth2Error('DPoP proof: a nonce is needed', 'use_dpop_nonce', undefined, status, {
      headers: { 'DPoP-Nonce': current },
    }),
    'The DPoP proof has no nonce, or not a recent one of this server. The response has a nonce for the client',
    { nonce: nonce === undefined ? 'absent' : 'not accepted' },
  );
}

/** The proof that a request has used, for each `useOnce` function: a proof that one function has marked as used is new to another function. */
const usedIn = perRequest<ReadonlyMap<UseOnce, string>>('DPoP proof');

/** Uses a proof once: §11.1. A second guard of the same request, such as a guard with another scope, may use it again: that is no replay. */
async function use(ctx: Context, proof: GoodProof, settings: ProofSettings): Promise<void> {
  const { useOnce } = settings;
  const name = nameOf(proof);
  const used = usedIn.of(ctx);
  if (used?.get(useOnce) === name) return;
  if ((await useOnce(name, rememberedUntil(proof))) !== true)
    throw invalidProof(settings, 'it was used before', { jti: proof.jti });
  usedIn.set(ctx, new Map(used).set(useOnce, name));
}

/** Tells the client the nonce to use next. @see RFC 9449 §8.2 */
async function tellNonce(ctx: Context, { nonces }: ProofSettings): Promise<string> {
  const current = (await nonces?.current()) ?? '';
  if (current) {
    noStore(ctx); // a cached response would have an old nonce
    ctx.set('DPoP-Nonce', current);
  }
  return current;
}

/** The URLs of a request, as clients may see it: several if they see the server at several hosts. */
export type URLsOf = (ctx: Context) => readonly string[];

/**
 * The DPoP proof of a request; undefined without a `DPoP` header. Every response gets the next nonce.
 *
 * @param urlsOf called only if the request has a proof
 * @param token the access token, at an API
 * @throws OAuth2Error `invalid_dpop_proof`, or `use_dpop_nonce` with the nonce
 */
export function presentedProof(
  ctx: Context,
  urlsOf: URLsOf,
  settings: ProofSettings,
  token?: string,
): Awaitable<PresentedProof | undefined> {
  const hasNothingToSay = ctx.req.headers['dpop'] === undefined && !settings.nonces;
  return hasNothingToSay ? undefined : readProof(ctx, urlsOf, settings, token);
}

async function readProof(
  ctx: Context,
  urlsOf: URLsOf,
  settings: ProofSettings,
  token: string | undefined,
): Promise<PresentedProof | undefined> {
  const current = await tellNonce(ctx, settings);
  const { dpop: sent } = ctx.req.headers;
  if (sent === undefined) return undefined;
  const { headers, now } = settings;
  const presented = { proof: String(sent), method: ctx.method, urls: urlsOf(ctx), token };
  const proof = await checkProof(presented, { headers, now: now() });
  if ('fault' in proof) throw invalidProof(settings, proof.fault, proof.values);
  await requireNonce(proof, current, settings);
  let used: Promise<void> | undefined;
  return {
    thumbprint: proof.thumbprint,
    use() {
      used ??= use(ctx, proof, settings);
      return used;
    },
  };
}
