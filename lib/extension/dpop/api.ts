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
   * The URL before the path of the request, as clients see it: `https://api.example`, or `https://example.com/api` if a proxy removes `/api`. If clients see
   * this API at several hosts, a list of all. Default: the host in the `Host` header. An attacker who has a proof for another API can write that API's name
   * there, so a process warning is emitted.
   */
  readonly baseURL?: string | readonly string[];
  /** The algorithms by which proofs may be signed. The challenge names them. Default: ES256, PS256, EdDSA and Ed25519. */
  readonly algorithms?: readonly string[];
  /** The nonces that proofs must have: `dpopNonces({ secret })`. Default: proofs need no nonce. @see RFC 9449 §9 */
  readonly nonces?: DPoPNonces;
  /**
   * Marks a proof as used, and tells exactly one of its concurrent users that it was the first: `tokens.useOnce`, for all processes. Default: a memory of this
   * process alone.
   */
  readonly useOnce?: UseOnce;
  /** The time in epoch seconds. Default: the machine's clock. */
  readonly now?: () => number;
}

const OPTIONS = { baseURL: true, algorithms: true, nonces: true, useOnce: true, now: true } as const;

/** The URL by the headers of the request. `ctx.origin` is not used: in Koa 3 it is the `Origin` header. */
function urlOfRequest(ctx: Context): string {
  const { protocol, host } = ctx;
  warnOnce(
    'KOAUTHORIZE_DPOP_HOST',
    'dpopProof() has no baseURL and believes the Host header: a DPoP proof for another API can be used at this one.',
  );
  return `${protocol}://${host}${pathOf(ctx)}`;
}

/**
 * Accepts a token that is bound by DPoP only with a proof for this very request, signed by the key that the token is bound to. Each proof can be used once.
 *
 * @throws TypeError for algorithms that are not asymmetric, and for an invalid `baseURL`
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
