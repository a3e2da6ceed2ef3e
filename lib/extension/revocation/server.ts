/** RFC 7009: OAuth 2.0 Token Revocation. */

import type { Middleware } from 'koa';
import type { Core, Plug } from '../../core.js';
import { answerJSON } from '../../http/json.js';
import { requireKnown } from '../../options.js';
import { requireLocation } from '../../registry/locations.js';
import { readInquiry } from '../../token/client.js';
import type { Awaitable, Client } from '../../types.js';

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/revoke`. */
    readonly revocation?: string;
  }
}
declare module '../../types.js' {
  interface ServerMetadata {
    readonly revocation_endpoint?: string;
  }
}

/**
 * Revokes a token that was issued to this client. It ignores a token that is unknown, or that was issued to another client, and does not throw for it.
 *
 * @param hint `token_type_hint`: the type of the token in the opinion of the client, which may be wrong
 */
export type Revoke<C> = (token: string, client: C, hint: string | undefined) => Awaitable<void>;

/** Options of `revocation()`. */
export interface RevocationOptions {
  /** Where the endpoint is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/revoke`. */
  readonly url?: string;
  /** The member of `ctx.state` where client authentication leaves the client. Default `user`. */
  readonly userProperty?: string;
}

/**
 * Revokes a token for the authenticated client that it was issued to.
 *
 * @example router.post('/revoke', authenticateClient, server.endpoint(revocation(tokens.revoke)))
 * @see RFC 7009 §2
 */
export function revocation<C = Client, U = unknown>(revoke: Revoke<C>, options: RevocationOptions = {}): Plug<C, U> {
  requireKnown<RevocationOptions>(options, { url: true, userProperty: true }, 'revocation');
  const { url, userProperty = 'user' } = options;
  if (url !== undefined) requireLocation(url, 'revocation({ url })');
  const handlerFor = (core: Core<C, U>): Middleware =>
    async function revocation(ctx) {
      const { client, token, hint } = await readInquiry(core, ctx, userProperty);
      if (token !== undefined) await revoke(token, client, hint);
      ctx.status = 200; // §2.2: also for an unknown token
      answerJSON(ctx, {}); // §2.2: clients ignore the body, but some expect JSON
    };
  return (core) => ({
    name: 'revocation',
    spec: 'RFC 7009',
    routes: {
      revocation: {
        path: '/revoke',
        url,
        listedAs: 'revocation_endpoint',
        methods: ['POST'],
        clientAuthenticated: true,
        cors: 'allowed-origins',
        handler: handlerFor(core),
      },
    },
  });
}
