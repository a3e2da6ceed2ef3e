/** RFC 9101: JWT-Secured Authorization Request (JAR). */

import { restricts } from '../../clients/member.js';
import type { Core, Plug } from '../../core.js';
import { relaxationsOf } from '../../findings.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import { FETCH_RELAXATIONS } from '../../keys/fetch-jwks.js';
import type { Client, ServerMetadata } from '../../types.js';
import { type RequestObjectsOptions, requireOptions } from './options.js';
import { REQUEST_OBJECTS_RULES } from './refusals.js';
import { judgeRegistration, REGISTERED } from './registration.js';
import { stepsOf, storeOf } from './steps.js';

declare module '../../types.js' {
  interface ServerMetadata {
    readonly request_parameter_supported?: boolean;
    readonly request_uri_parameter_supported?: boolean;
    readonly require_request_uri_registration?: boolean;
    readonly request_object_signing_alg_values_supported?: readonly string[];
    readonly require_signed_request_object?: boolean;
  }
  interface ClientMetadata {
    readonly request_object_signing_alg?: string;
    readonly request_object_encryption_alg?: string;
    readonly request_object_encryption_enc?: string;
    readonly request_uris?: readonly string[];
    readonly require_signed_request_object?: boolean;
  }
}

/** @throws Error if the issuer, the clients or a store are missing */
function requireParts<C, U>(core: Core<C, U>, { store }: RequestObjectsOptions<C>): void {
  if (core.issuer === undefined)
    throw new Error('requestObjects() needs an issuer, which objects are for: createServer({ issuer })');
  if (!core.findsClients)
    throw new Error('requestObjects() needs the clients, for their keys: createServer({ clients: { find } })');
  storeOf(core, store);
}

/**
 * Accepts authorization requests as a JWT that the client has signed: nobody can change such a request, or make one in the client's name. Only the parameters
 * in the object count. It is sent by value (`request`), also in pushed requests, or by reference (`request_uri`), from a URL that the client registered.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if the issuer, the clients or a store are missing
 * @example server.extend(requestObjects({ required: true, maxLifetime: 3600 }))
 * @see RFC 9101
 */
export function requestObjects<C = Client, U = unknown>(options: RequestObjectsOptions<C> = {}): Plug<C, U> {
  requireOptions(options);
  const required = Boolean(options.required); // a value that is no boolean makes it required, too
  const byReference = options.byReference !== false;
  const algorithms = options.algorithms ?? ASYMMETRIC;
  const said: Partial<ServerMetadata> = {
    request_parameter_supported: true,
    request_uri_parameter_supported: byReference,
    ...(byReference && { require_request_uri_registration: true }),
    request_object_signing_alg_values_supported: algorithms,
    require_signed_request_object: required,
  };
  return (core) => ({
    name: 'requestObjects',
    obeys: ['require_signed_request_object'],
    spec: 'RFC 9101',
    refusals: REQUEST_OBJECTS_RULES,
    parameters: ['request', 'request_uri'],
    adds: ['requestObject'],
    errors: {
      invalid_request_object: 400,
      invalid_request_uri: 400,
      request_not_supported: 400,
      request_uri_not_supported: 400,
    },
    authorization: stepsOf(core, options, (client) => required || restricts(client, 'require_signed_request_object')), // §10.5
    registers: REGISTERED,
    register: (metadata) => judgeRegistration(metadata, algorithms),
    metadata: () => said,
    ready: () => requireParts(core, options),
    findings: () => relaxationsOf('requestObjects', options, FETCH_RELAXATIONS),
  });
}
