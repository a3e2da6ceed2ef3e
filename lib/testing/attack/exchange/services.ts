/** The part of an attack target for token exchange. No code. */
import type { Awaitable } from '../../../types.js';

/** A client that authenticates with a secret, and has no users of its own. */
export interface AttackService {
  readonly client_id: string;
  readonly client_secret: string;
  /** Default `client_secret_basic`. */
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | undefined;
}

/**
 * The service that may exchange tokens of `client`. `otherClient` and `publicClient` must not be allowed to.
 *
 * @example const exchange: AttackExchange = { service: { client_id: 'orders', client_secret: 'only-orders-knows' } };
 * @see RFC 8693
 */
export interface AttackExchange {
  readonly service: AttackService;
  /** An API that tokens of `client` are not for: its URI in `resource` and `audience`. */
  readonly otherResource?: string | undefined;
  /** Returns a new access token of `client` whose `may_act` names another party than the service. @see RFC 8693 §4.4 */
  reservedToken?(): Awaitable<string>;
}
