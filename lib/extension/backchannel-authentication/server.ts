/** OpenID Connect Client-Initiated Backchannel Authentication (CIBA) 1.0: a client asks for the consent of a user, who decides on a device of their own. */

import { relaxationsOf } from '../../findings.js';
import { POLLING_RULES } from '../../polling/refusals.js';
import { BACKCHANNEL_AUTHENTICATION_RULES } from './refusals.js';
import './members.js';
import type { Core, Extension, Route } from '../../core.js';
import { ASYMMETRIC } from '../../keys/asymmetric.js';
import { POLLING_ERRORS, pendingOf, pollExchange } from '../../polling/exchange.js';
import { OneServer } from '../../registry/one-server.js';
import type { Client, ServerMetadata } from '../../types.js';
import { deliveryModeOf } from './client.js';
import { type Decide, type DecideWith, decider, openFor, shown } from './decide.js';
import { authenticationEndpoint } from './endpoint.js';
import { BackchannelRequests } from './kept.js';
import { CIBA, DELIVERY_MODES, OPENID } from './names.js';
import {
  type BackchannelAuthenticationOptions,
  type BackchannelRequest,
  RELAXATIONS,
  requireOptions,
} from './options.js';
import { decisionEndpoint, dialogEndpoint } from './pages.js';
import { PARAMETERS } from './parameters.js';
import { pinging } from './ping.js';
import { judgeRegistration, REGISTERED } from './registration.js';
import { stepsOf } from './steps.js';

const NAME = 'backchannelAuthentication';

/** @throws Error if the issuer, clients, `openid()` or a store is missing */
function requireParts<C, U>(core: Core<C, U>, requests: BackchannelRequests<C, U>): void {
  pendingOf(core, NAME);
  if (core.issuer === undefined) throw new Error(`${NAME}() needs an issuer: createServer({ issuer })`);
  if (!core.findsClients) throw new Error(`${NAME}() needs to find clients: createServer({ clients })`);
  if (!core.extension(OPENID)) throw new Error(`${NAME}() needs openid(), which makes the ID tokens`);
  void requests.store;
}

/** @see CIBA §4 */
function metadataOf<C, U>(options: BackchannelAuthenticationOptions<C, U>): Partial<ServerMetadata> {
  return {
    backchannel_token_delivery_modes_supported: DELIVERY_MODES,
    backchannel_authentication_request_signing_alg_values_supported: options.algorithms ?? ASYMMETRIC,
    backchannel_user_code_parameter_supported: options.verifyUserCode !== undefined,
  };
}

function routesOf<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  options: BackchannelAuthenticationOptions<C, U>,
  decide: DecideWith<U>,
): Readonly<Record<string, Route>> {
  return {
    backchannel_authentication: {
      path: '/backchannel_authentication',
      url: options.url,
      listedAs: 'backchannel_authentication_endpoint',
      methods: ['POST'],
      clientAuthenticated: true,
      cors: 'allowed-origins',
      handler: authenticationEndpoint(core, requests, options),
    },
    backchannel_dialog: {
      path: '/backchannel',
      methods: ['GET'],
      hasPage: true,
      handler: dialogEndpoint(core, requests, options),
    },
    backchannel_decision: {
      path: '/backchannel/decision',
      methods: ['POST'],
      hasPage: true,
      handler: decisionEndpoint(core, decide, options),
    },
  };
}

function extensionOf<C, U>(
  core: Core<C, U>,
  requests: BackchannelRequests<C, U>,
  options: BackchannelAuthenticationOptions<C, U>,
  decide: DecideWith<U>,
): Extension<C, U> {
  const { interval = 5, algorithms = ASYMMETRIC } = options;
  const polled = { grantType: CIBA, parameter: 'auth_req_id', what: 'auth_req_id', interval };
  return {
    name: NAME,
    spec: 'OpenID Connect Client-Initiated Backchannel Authentication',
    refusals: [...BACKCHANNEL_AUTHENTICATION_RULES, ...POLLING_RULES],
    parameters: PARAMETERS,
    adds: ['bindingMessage'],
    errors: {
      ...POLLING_ERRORS,
      ...{ expired_login_hint_token: 400, unknown_user_id: 400, invalid_binding_message: 400 },
      ...{ missing_user_code: 400, invalid_user_code: 400 },
    },
    authorization: stepsOf(Boolean(options.requireBindingMessage)),
    exchanges: [pollExchange(core, requests, polled, (request) => void deliveryModeOf(request))],
    registers: REGISTERED,
    register: (metadata) => judgeRegistration(metadata, algorithms),
    metadata: () => metadataOf(options),
    ready: (whole) => requireParts(whole, requests),
    findings: () => relaxationsOf('backchannelAuthentication', options, RELAXATIONS),
    routes: routesOf(core, requests, options, decide),
  };
}

/** What `backchannelAuthentication()` returns: a plug, with two functions by which your own channel to the user shows and decides requests. */
export interface BackchannelAuthenticationPlug<C, U> {
  (core: Core<C, U>): Extension<C, U>;
  /**
   * A waiting request, to be shown to its user; undefined if it was decided, has expired, or if another user was asked.
   *
   * @param id the ID that `ask` was given
   * @throws Error if it is called before the extension is plugged in */
  find(id: string, user: U): Promise<BackchannelRequest<C, U> | undefined>;
  /**
   * Reports the decision of a user whom your channel has authenticated, such as the API of your app. Of several decisions, also in different processes, exactly
   * one counts. The steps of extensions check it as they check a decision at the authorization endpoint.
   *
   * @returns the outcome. A decision whose scope is empty or lacks `openid` is a denial, and so is one for which a step of an extension throws `access_denied`
   * @throws ForbiddenError if no request with this ID waits for this user, and if an extension first requires something of the user, such as a new login
   * @throws OAuth2Error if an extension refuses the decision with another error. The request then still waits
   * @throws Error if it is called before the extension is plugged in
   * @example await ciba.decide(ctx, id, { user: ctx.state.user, allow: true });
   * @see CIBA §8
   */
  readonly decide: Decide<U>;
}

/** The parts that are made once the extension is plugged into a server. */
interface Parts<C, U> {
  readonly core: Core<C, U>;
  readonly requests: BackchannelRequests<C, U>;
  readonly decide: DecideWith<U>;
}

/**
 * Lets a client, such as a till or the software of a call centre, ask a user who decides on a device of their own, such as their telephone. You send the
 * question to that device. The client polls for its tokens, or is told by a ping when the user has decided.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if `openid()`, an issuer, clients or a token service is missing
 * @example
 * const ciba = backchannelAuthentication({ findUser: ({ loginHint }) => users.byEmail(loginHint), ask: (_ctx, { id, user }) => push(user.phone, id) });
 * server.extend(openid()).extend(ciba);
 * router.post('/backchannel_authentication', authenticateClient, server.route('backchannel_authentication'));
 * @see OpenID Connect Client-Initiated Backchannel Authentication
 */
export function backchannelAuthentication<C = Client, U = unknown>(
  options: BackchannelAuthenticationOptions<C, U>,
): BackchannelAuthenticationPlug<C, U> {
  requireOptions(options);
  const missing = `${NAME}() has to be plugged in before anything can be decided: server.extend(ciba)`;
  const parts = new OneServer<Parts<C, U>>(NAME, missing);
  const plug = (core: Core<C, U>): Extension<C, U> => {
    const requests = new BackchannelRequests(core, { name: 'backchannel', plug: NAME, store: options.store });
    const { decide } = parts.set({ core, requests, decide: decider(core, requests, pinging(options)) });
    return extensionOf(core, requests, options, decide);
  };
  return Object.assign(plug, {
    async find(id: string, user: U) {
      const { core, requests } = parts.get();
      const open = await openFor(core, requests, id, user);
      return open && shown<C, U>(id, user, open);
    },
    decide: async (...args: Parameters<Decide<U>>) => parts.get().decide(...args),
  });
}
