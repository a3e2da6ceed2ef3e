/** RFC 9207: OAuth 2.0 Authorization Server Issuer Identification. */

import type { Extension } from '../../core.js';
import { type Relaxations, relaxationsOf } from '../../findings.js';
import { requireKnown } from '../../options.js';
import { identification, requireIssuer } from '../../syntax/issuer.js';
import type { Awaitable, Client } from '../../types.js';

/** Options of `issuer()`. */
export interface IssuerOptions<C = Client> {
  /**
   * Whether responses to a client leave out `iss`: exactly `true` if they do. For a client whose library refuses responses with an `iss` that it was not
   * configured for. This gives up the protection of the client against mix-up attacks, in which it sends a code of this server to the server of an attacker. Do
   * not use it for clients that read the metadata, which announces `iss`: they require it. Default: every response has `iss`.
   */
  readonly allowMixUp?: (client: C) => Awaitable<boolean>;
}

const RELAXATIONS: Relaxations<IssuerOptions> = {
  allowMixUp: {
    why: 'A client of several servers cannot tell which of them sent a code, and may send it to the server of an attacker',
    section: 'RFC 9700 §4.4',
    remedy: 'Name only clients whose library refuses iss, and update the library',
  },
};

/**
 * Adds `iss`, the issuer identifier, to every authorization response, so that a client of several servers notices a mix-up attack, in which it takes one server
 * for another. `createServer({ issuer })` does the same.
 *
 * @param issuer the server's issuer identifier, exactly as in its metadata
 * @throws TypeError if it is not an https URL (http for loopback hosts) in its normal form, without query, fragment and user information
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
    findings: () => relaxationsOf('issuer', options, RELAXATIONS),
    authorization: {
      // only true leaves it out
      respond: async ({ client }) => ((await allowMixUp(client)) === true ? undefined : { iss: issuer }),
    },
  };
}
