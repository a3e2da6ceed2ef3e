/** The options of `dpop()`, and the member that clients register. */
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
    /** Whether all access tokens of the client must be bound to a key. @see RFC 9449 §5.2 */
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
  /**
   * Whether the tokens of a client must be bound: it gets none without a proof. Default: true for a client that registered `dpop_bound_access_tokens`, or whose
   * profile requires it.
   */
  readonly isBound?: (client: C) => Awaitable<boolean>;
  /** The algorithms by which proofs may be signed. Default: ES256, PS256, EdDSA and Ed25519. */
  readonly algorithms?: readonly string[];
  /** The nonces that proofs must have: `dpopNonces({ secret })`. Default: proofs need no nonce. @see RFC 9449 §8 */
  readonly nonces?: DPoPNonces;
  /**
   * The URL before the path of the request, as clients see it, if its host is not the issuer's: `https://mtls.as.example`. If clients see this server at
   * several hosts, a list of all: `[issuer, 'https://mtls.as.example']`. The aliases of `metadata({ mtls_endpoint_aliases })` need not be in it.
   */
  readonly baseURL?: string | readonly string[];
  /**
   * Marks a proof as used, and tells exactly one of its concurrent users that it was the first, in all processes. Default: the token service of `createServer({
   * tokens })`.
   */
  readonly useOnce?: UseOnce;
}

/** The member of a registration that is read here. @see RFC 9449 §5.2 */
export const BOUND = 'dpop_bound_access_tokens';

/** The values of `isBound` for a client whose tokens need not be bound. Any other value binds them. */
const NOT_BOUND: ReadonlySet<unknown> = new Set([false, undefined, null]);

/** Tells whether a client gets bound tokens only. Any value that is not clearly "no" binds: an unbound token would work for a thief. */
export function whoIsBound<C, U>(core: Core<C, U>, { isBound }: DPoPOptions<C>): (client: C) => Awaitable<boolean> {
  const says = isBound ?? ((client: C) => mustBeBound(core, client, { member: 'jkt', registered: BOUND })); // RFC 9449 §5.2
  return (client) => andThen<unknown, boolean>(says(client), (said) => !NOT_BOUND.has(said));
}

/** @throws OAuth2Error. @see RFC 9449 §5.2 */
export function requireRegistration(metadata: ClientMetadata): ClientMetadata {
  requireBoolean(metadata, BOUND);
  return metadata;
}
