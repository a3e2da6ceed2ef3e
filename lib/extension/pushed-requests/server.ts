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
    /** Seconds for which a browser may come with a pushed request. Profiles read it when they check the whole configuration. */
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
 * Lets clients push their authorization requests: they authenticate and send the parameters directly to this server, and the browser carries only a reference.
 * Nobody in between can read or change the parameters, and they may be long.
 *
 * A request is checked once, when it is pushed. Its request URI can be opened for `lifetime` seconds, also after a reload; it becomes invalid when the first of
 * its dialogs is answered.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if there is no store
 * @example router.post('/par', authenticateClient, server.endpoint(pushedRequests({ required: true })))
 * @see RFC 9126
 */
export function pushedRequests<C = Client, U = unknown>(options: PushedRequestsOptions = {}): Plug<C, U> {
  requireOptions(options);
  const { lifetime = 60, store, url } = options;
  const required = Boolean(options.required); // a value that is no boolean makes it required, too
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
      authorization: stepsOf(pushed, (client) => required || restricts(client, REQUIRED)), // §6: a malformed member counts as true
      registers: [REQUIRED],
      register(metadata) {
        requireBoolean(metadata, REQUIRED); // §6
        return metadata;
      },
      metadata: () => ({ require_pushed_authorization_requests: required }),
      ready: () => void [pushed.store, core.reading.options], // both throw if something is missing or contradicts something else
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
