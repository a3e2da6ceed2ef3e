/** RFC 9126: OAuth 2.0 Pushed Authorization Requests. */

import { requireBoolean } from '../../clients/judge-members.js';
import { restricts } from '../../clients/member.js';
import type { Plug } from '../../core.js';
import type { Client } from '../../types.js';
import { pushEndpoint } from './endpoint.js';
import { PushedRequests } from './kept.js';
import { type PushedRequestsOptions, requireOptions } from './options.js';
import { PUSHED_REQUESTS_RULES } from './refusals.js';
import { stepsOf } from './steps.js';

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/par`. */
    readonly pushed_authorization_request?: string;
  }
  interface Extension<C, U> {
    /** Seconds for which a browser may come with a request that was pushed: for whoever judges the whole configuration. */
    readonly pushedRequestLifetime?: number;
  }
}
declare module '../../types.js' {
  interface ServerMetadata {
    readonly pushed_authorization_request_endpoint?: string;
    readonly require_pushed_authorization_requests?: boolean;
  }
  interface ClientMetadata {
    readonly require_pushed_authorization_requests?: boolean;
  }
}
declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    invalid_request_uri: 400;
    request_not_supported: 400;
  }
}

const REQUIRED = 'require_pushed_authorization_requests';

/**
 * Lets clients push their authorization requests: they send them here themselves, authenticated, and the browser only carries a reference. Nobody
 * on the way can read or change them, and they may be long.
 *
 * A request is judged once, where it comes in. Its URI can be opened for `lifetime` seconds, also after a reload; it is spent when the first of its
 * dialogs is answered.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where there is nothing to keep requests in
 * @example router.post('/par', authenticateClient, server.endpoint(pushedRequests({ required: true })))
 * @see RFC 9126
 */
export function pushedRequests<C = Client, U = unknown>(options: PushedRequestsOptions = {}): Plug<C, U> {
  requireOptions(options);
  const { lifetime = 60, store, url } = options;
  const required = Boolean(options.required); // what is no boolean restricts, too
  return (core) => {
    const pushed = new PushedRequests(core, lifetime, store);
    return {
      name: 'pushedRequests',
      spec: 'RFC 9126',
      refusals: PUSHED_REQUESTS_RULES,
      pushedRequestLifetime: lifetime,
      obeys: [REQUIRED],
      parameters: ['request', 'request_uri'],
      errors: { invalid_request_uri: 400, request_not_supported: 400 },
      authorization: stepsOf(pushed, (client) => required || restricts(client, REQUIRED)), // §6: a member that cannot be read restricts
      registers: [REQUIRED],
      register(metadata) {
        requireBoolean(metadata, REQUIRED); // §6
        return metadata;
      },
      metadata: () => ({ require_pushed_authorization_requests: required }),
      ready: () => void [pushed.store, core.reading.options], // both throw where something is missing or contradicts something else
      routes: {
        pushed_authorization_request: {
          path: '/par',
          url,
          listedAs: 'pushed_authorization_request_endpoint',
          methods: ['POST'],
          clientAuthenticated: true,
          takesRequests: true,
          cors: 'allowed-origins',
          handler: pushEndpoint(core, pushed, options),
        },
      },
    };
  };
}
