/** RFC 7591: OAuth 2.0 Dynamic Client Registration Protocol, and RFC 7592: Dynamic Client Registration Management Protocol. */
import { CLIENT_REGISTRATION_RULES } from './refusals.js';
import './members.js';
import { announcedMethods } from '../../clients/judge-authentication.js';
import type { Core, Extension, Plug, Route } from '../../core.js';
import type { Client } from '../../types.js';
import { finder } from './find.js';
import { type Judge, judgeFor, methodsFor } from './judge.js';
import { configurationEndpoint } from './manage.js';
import { type ClientRegistrationOptions, requireOptions } from './options.js';
import { CONFIGURATION, REGISTRATION } from './places.js';
import { registrationEndpoint } from './register.js';
import { findingsOfOptions } from './relaxations.js';
import { confirmation, isRegistered, useNoter } from './use.js';

/** @throws Error if clients could not be registered, or not be removed */
function requireParts<C, U>(core: Core<C, U>, options: ClientRegistrationOptions): void {
  const { management = true, end, authMethods } = options;
  if (methodsFor(core, options).length === 0)
    throw new Error(
      `clientRegistration() has no authentication method that clients may register: clientAuthentication({ server, methods }) says ${announcedMethods(core).join(', ') || 'none'}, and authMethods ${authMethods?.join(', ') ?? 'nothing'}`,
    );
  if (core.issuer === undefined) throw new Error('clientRegistration() needs an issuer: createServer({ issuer })');
  if (management && !end && !core.tokens?.revokeAll)
    throw new Error(
      'clientRegistration() ends the tokens of clients that are removed: createServer({ tokens }), or end',
    );
}

function routesOf<C, U>(
  core: Core<C, U>,
  options: ClientRegistrationOptions,
  parts: { readonly judge: Judge; readonly find: ReturnType<typeof finder> },
): Readonly<Record<string, Route>> {
  const registration: Route = {
    path: REGISTRATION.path,
    url: options.url,
    listedAs: 'registration_endpoint',
    methods: ['POST'],
    cors: 'allowed-origins',
    handler: registrationEndpoint(core, options, parts.judge),
  };
  if (options.management === false) return { [REGISTRATION.name]: registration };
  const client_configuration: Route = {
    path: CONFIGURATION.path,
    url: options.configurationURL,
    methods: ['GET', 'PUT', 'DELETE'],
    cors: 'allowed-origins',
    handler: configurationEndpoint(core, options, parts),
  };
  return { [REGISTRATION.name]: registration, [CONFIGURATION.name]: client_configuration };
}

/** The parameters of a response that count as the first use of a client. */
const TOKENS = ['access_token', 'id_token'];

/**
 * Lets clients register themselves, and read, change and remove their registrations. Each member is checked by the extension that reads it; unknown members are
 * ignored, and the response has all members that were registered. Secrets are sent once, and stored as hashes.
 *
 * The server finds these clients in addition to those of `createServer({ clients })`. A client that is given no tokens within a day is removed.
 *
 * @throws TypeError for invalid options, and if they do not say who may register
 * @throws Error before the first request, without an issuer, a token service, or authentication methods
 * @example
 * server.extend(clientRegistration({ clients: registeredClients(store), initialAccess: (token) => invitations.has(token) }));
 * router.all('/register', server.route('registration'));
 * router.all('/register/client', server.route('client_configuration'));
 * @see RFC 7591 §3, RFC 7592 §2, OpenID Connect Registration §3, §4
 */
export function clientRegistration<C = Client, U = unknown>(options: ClientRegistrationOptions): Plug<C, U> {
  requireOptions(options);
  return (core): Extension<C, U> => {
    const find = finder(core, options.clients);
    const noteUse = useNoter(core, options.clients, find);
    const judge = judgeFor(core, options);
    return {
      name: 'clientRegistration',
      spec: ['RFC 7591', 'RFC 7592', 'OpenID Connect Registration'],
      refusals: CLIENT_REGISTRATION_RULES,
      errors: { invalid_software_statement: 400, unapproved_software_statement: 400 },
      ...(options.softwareStatements && { registers: ['software_statement'] }),
      clientTerms: (client) => confirmation(core, find, client),
      client: async (id) => (await find(id)) as C | undefined,
      ...(options.allowAnyone === true && { madeByAnyone: isRegistered }),
      authorization: {
        async respond({ client }, { params, error }) {
          if (!error && TOKENS.some((name) => params[name] !== undefined)) await noteUse(client);
          return undefined;
        },
      },
      token: {
        async respond(_response, { client }) {
          await noteUse(client);
          return undefined;
        },
      },
      routes: routesOf(core, options, { judge, find }),
      ready: (whole) => requireParts(whole, options),
      findings: () => findingsOfOptions(options),
    };
  };
}
