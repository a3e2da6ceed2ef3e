/** What `dpop()` takes, and what clients register. */
import type { UseOnce } from '../../client-auth/assertion.js';
import { mustBeBound } from '../../clients/bound.js';
import { requireBoolean } from '../../clients/judge-members.js';
import type { Core } from '../../core.js';
import { andThen } from '../../promise.js';
import type { Awaitable, Client, ClientMetadata } from '../../types.js';
import type { DPoPNonces } from './nonce.js';

declare module '../../types.js' {
  interface ServerMetadata {
    readonly dpop_signing_alg_values_supported?: readonly string[];
  }
  interface ClientMetadata {
    /** Whether all of its access tokens must be bound to a key. @see RFC 9449 §5.2 */
    readonly dpop_bound_access_tokens?: boolean;
  }
}

declare module '../../errors/codes.js' {
  interface TokenErrorCodes {
    invalid_dpop_proof: 400;
    use_dpop_nonce: 400;
  }
}

/** Options of `dpop()`. */
export interface DPoPOptions<C = Client> {
  /** Whose tokens must be bound: without a proof such a client gets none. Default: those of clients that registered `dpop_bound_access_tokens`, or whose profile says so. */
  readonly isBound?: (client: C) => Awaitable<boolean>;
  /** The algorithms that proofs may be signed with. Default: ES256, PS256, EdDSA and Ed25519. */
  readonly algorithms?: readonly string[];
  /** The nonces that proofs must have: `dpopNonces({ secret })`. Default: none are asked for. @see RFC 9449 §8 */
  readonly nonces?: DPoPNonces;
  /**
   * What clients see before the path of the request, where that is not the issuer's host: `https://mtls.as.example`. Where they see this server at
   * several hosts, all of them: `[issuer, 'https://mtls.as.example']`.
   */
  readonly baseURL?: string | readonly string[];
  /** Tells exactly one of those who use a key that it is the first, in all processes. Default: the token service of `createServer({ tokens })`. */
  readonly useOnce?: UseOnce;
}

/** The member of a registration that is read here. @see RFC 9449 §5.2 */
export const BOUND = 'dpop_bound_access_tokens';

/** Values of `isBound` by which tokens of a client need not be bound. Any other value binds them. */
const NOT_BOUND: ReadonlySet<unknown> = new Set([false, undefined, null]);

/** Whether a client gets bound tokens only. A value that cannot be read as "no" binds: an unbound token would work for whoever steals it. */
export function whoIsBound<C, U>(core: Core<C, U>, { isBound }: DPoPOptions<C>): (client: C) => Awaitable<boolean> {
  const says = isBound ?? ((client: C) => mustBeBound(core, client, { member: 'jkt', registered: BOUND })); // RFC 9449 §5.2
  return (client) => andThen<unknown, boolean>(says(client), (said) => !NOT_BOUND.has(said));
}

/** @throws OAuth2Error. @see RFC 9449 §5.2 */
export function requireRegistration(metadata: ClientMetadata): ClientMetadata {
  requireBoolean(metadata, BOUND);
  return metadata;
}
