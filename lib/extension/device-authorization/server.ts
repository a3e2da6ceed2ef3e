/** RFC 8628: OAuth 2.0 Device Authorization Grant. */

import type { Core, Extension, Plug, Route } from '../../core.js';
import { POLLING_ERRORS, pendingOf } from '../../polling/exchange.js';
import { POLLING_RULES } from '../../polling/refusals.js';
import type { Client } from '../../types.js';
import { decisionEndpoint } from './decision.js';
import { deviceEndpoint } from './endpoint.js';
import { deviceExchange } from './exchange.js';
import { Devices } from './kept.js';
import { type DeviceAuthorizationOptions, requireOptions } from './options.js';
import { verificationEndpoint } from './verification.js';

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/device_authorization`. @see RFC 8628 §3.1 */
    readonly device_authorization?: string;
    /** Where users type the code. Usually `/device`. @see RFC 8628 §3.3 */
    readonly device_verification?: string;
    /** Where the dialog posts the decision. Usually `/device/decision`. */
    readonly device_decision?: string;
  }
}
declare module '../../types.js' {
  interface ServerMetadata {
    /** @see RFC 8628 §4 */
    readonly device_authorization_endpoint?: string;
  }
}

/** @throws Error if the issuer, clients or a store are missing */
function requireParts<C, U>(core: Core<C, U>, devices: Devices<C, U>): void {
  pendingOf(core, devices.owner.plug);
  if (core.issuer === undefined)
    throw new Error('deviceAuthorization() needs an issuer, below which users find the page: createServer({ issuer })');
  if (!core.findsClients) throw new Error('deviceAuthorization() needs to find clients: createServer({ clients })');
  void devices.store;
}

function routesOf<C, U>(
  core: Core<C, U>,
  devices: Devices<C, U>,
  options: DeviceAuthorizationOptions<C, U>,
): Readonly<Record<string, Route>> {
  return {
    device_authorization: {
      path: '/device_authorization',
      url: options.url,
      listedAs: 'device_authorization_endpoint',
      methods: ['POST'],
      clientAuthenticated: true,
      cors: 'allowed-origins',
      handler: deviceEndpoint(core, devices, options),
    },
    device_verification: {
      path: '/device',
      url: options.verificationURL,
      methods: ['GET', 'POST'],
      hasPage: true,
      handler: verificationEndpoint(core, devices, options),
    },
    device_decision: {
      path: '/device/decision',
      methods: ['POST'],
      hasPage: true,
      handler: decisionEndpoint(core, devices, options),
    },
  };
}

/**
 * Lets devices without a browser get tokens: such a device shows a code, which the user types on another device, on pages of yours.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if an issuer, clients or a token service is missing
 * @example
 * server.extend(deviceAuthorization());
 * router.post('/device_authorization', authenticateClient, server.route('device_authorization'));
 * router.all('/device', login, server.route('device_verification'), page);
 * router.post('/device/decision', login, server.route('device_decision'), page);
 * @see RFC 8628
 */
export function deviceAuthorization<C = Client, U = unknown>(
  options: DeviceAuthorizationOptions<C, U> = {},
): Plug<C, U> {
  requireOptions(options);
  return (core: Core<C, U>): Extension<C, U> => {
    const devices = new Devices(core, { name: 'device', plug: 'deviceAuthorization', store: options.store });
    return {
      name: 'deviceAuthorization',
      spec: 'RFC 8628',
      refusals: POLLING_RULES,
      parameters: ['device_code'],
      errors: POLLING_ERRORS,
      exchanges: [deviceExchange(core, devices, options)],
      ready: (whole) => requireParts(whole, devices),
      routes: routesOf(core, devices, options),
    };
  };
}
