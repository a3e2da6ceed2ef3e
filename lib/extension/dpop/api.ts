/** RFC 9449 §7: access tokens that are bound to a key by DPoP, the API's side. */
import './confirmation.js';
import type { Context } from 'koa';
import type { Proof } from '../../access-token.js';
import type { UseOnce } from '../../client-auth/assertion.js';
import { epoch } from '../../clock.js';
import { warnOnce } from '../../errors/warning.js';
import { pathOf } from '../../http/target.js';
import { requireKnown } from '../../options.js';
import { proofAlgorithms } from './algorithms.js';
import { ProofHeaders } from './header.js';
import type { DPoPNonces } from './nonce.js';
import { possessionOf } from './possession.js';
import type { ProofSettings } from './presented.js';
import { urlsBelow } from './url.js';
import { usedHere } from './used.js';

/** Options of `dpopProof()`. */
export interface DPoPProofOptions {
  /**
   * What clients see before the path of the request: `https://api.example`, or `https://example.com/api` where a proxy takes `/api` away. Where they
   * see this API at several hosts, all of them. Default: what the `Host` header says, which whoever holds a proof for another API can write there; a process warning says so.
   */
  readonly baseURL?: string | readonly string[];
  /** The algorithms that proofs may be signed with; told in the challenge. Default: ES256, PS256, EdDSA and Ed25519. */
  readonly algorithms?: readonly string[];
  /** The nonces that proofs must have: `dpopNonces({ secret })`. Default: none are asked for. @see RFC 9449 §9 */
  readonly nonces?: DPoPNonces;
  /** Tells exactly one of those who use a key that it is the first: `tokens.useOnce`, in all processes. Default: what this process alone has seen. */
  readonly useOnce?: UseOnce;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

const OPTIONS = { baseURL: true, algorithms: true, nonces: true, useOnce: true, now: true } as const;

/** The URL as the request says it. `ctx.origin` is not used: in Koa 3 it is the `Origin` header. */
function urlOfRequest(ctx: Context): string {
  const { protocol, host } = ctx;
  warnOnce(
    'KOAUTHORIZE_DPOP_HOST',
    'dpopProof() has no baseURL and believes the Host header: a DPoP proof for another API can be used at this one.',
  );
  return `${protocol}://${host}${pathOf(ctx)}`;
}

/**
 * Lets a token that is bound by DPoP in only with a proof, for this very request, by the key that it is bound to. Each proof is good once.
 *
 * @throws TypeError for algorithms that are not asymmetric, and for a `baseURL` that is none
 * @example bearer({ verify: tokens.verify, proofs: [dpopProof({ baseURL: 'https://api.example', useOnce: tokens.useOnce }), certificateProof()] })
 * @see RFC 9449 §7
 */
export function dpopProof(options: DPoPProofOptions = {}): Proof {
  requireKnown<DPoPProofOptions>(options, OPTIONS, 'dpopProof');
  const { baseURL, nonces, now = epoch, useOnce = usedHere(now) } = options;
  const algorithms = proofAlgorithms(options.algorithms);
  const settings: ProofSettings = { headers: new ProofHeaders(algorithms), nonces, useOnce, status: 401, now };
  const urlsOf = urlsBelow(baseURL) ?? ((ctx: Context) => [urlOfRequest(ctx)]);
  return possessionOf(settings, urlsOf, algorithms);
}
