/** RFC 9207: OAuth 2.0 Authorization Server Issuer Identification. */

import type { Extension } from '../../core.js';
import { requireKnown } from '../../options.js';
import { identification, requireIssuer } from '../../syntax/issuer.js';
import type { Awaitable, Client } from '../../types.js';

export interface IssuerOptions<C = Client> {
  /**
   * Clients whose responses have no `iss`, for those whose library refuses an issuer that it was not told: gives up their protection from mix-up,
   * where an attacker's server is sent the code of this one. Not for clients that read the metadata: it promises `iss`, and they require it.
   */
  readonly allowMixUp?: (client: C) => Awaitable<boolean>;
}

/**
 * Says in every authorization response who sent it, so that a client of several servers cannot be made to mix them up.
 * `createServer({ issuer })` does the same.
 *
 * @param issuer the server's issuer identifier, exactly as in its metadata
 * @param options who goes without; nobody by default
 * @throws TypeError when it is not an https URL (http for loopback hosts) in its normal form, without query, fragment and user information
 * @example server.extend(issuer('https://as.example'))
 * @see RFC 9207 §2, RFC 8414 §2, RFC 9700 §4.4
 */
export function issuer<C = Client, U = unknown>(issuer: string, options: IssuerOptions<C> = {}): Extension<C, U> {
  requireKnown<IssuerOptions<C>>(options, { allowMixUp: true }, 'issuer');
  const { allowMixUp } = options;
  requireIssuer(issuer);
  const named = identification<C, U>(issuer);
  if (!allowMixUp) return named;
  return {
    ...named,
    authorization: {
      // only true leaves it out
      respond: async ({ client }) => ((await allowMixUp(client)) === true ? undefined : { iss: issuer }),
    },
  };
}
