/** RFC 7662: OAuth 2.0 Token Introspection. */

import type { Middleware } from 'koa';
import { isPublicClient } from '../../clients/registration.js';
import type { Core, Plug } from '../../core.js';
import { debugAbout } from '../../errors/debug.js';
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import { warnOnce } from '../../errors/warning.js';
import { answerJSON } from '../../http/json.js';
import { signingAlgorithms } from '../../keys/sign.js';
import { type OptionNames, requireKnown } from '../../options.js';
import { andThen, isPromise } from '../../promise.js';
import { addTo } from '../../registry/add.js';
import { requireLocation } from '../../registry/locations.js';
import type { TokenInquiry } from '../../steps.js';
import { readInquiry } from '../../token/client.js';
import type { Awaitable, Client } from '../../types.js';
import { judgeRegistration, REGISTERED } from './registration.js';
import { answerSigned, isAskedFor, keyFor, requireSignable } from './signed.js';

const debug = debugAbout('introspection');

declare module '../../core.js' {
  interface EndpointURLs {
    /** Usually `/introspect`. */
    readonly introspection?: string;
  }
}
declare module '../../types.js' {
  interface ServerMetadata {
    readonly introspection_endpoint?: string;
    readonly introspection_signing_alg_values_supported?: readonly string[];
  }
  interface ClientMetadata {
    readonly introspection_signed_response_alg?: string;
    readonly introspection_encrypted_response_alg?: string;
    readonly introspection_encrypted_response_enc?: string;
  }
}

/** What the callback returns for a token: the response as it is sent to the client of `client_id`, and to APIs. @see RFC 7662 §2.2 */
export interface IntrospectionResponse {
  readonly active: boolean;
  readonly client_id?: string;
  readonly [member: string]: unknown;
}

/**
 * Looks up a token for a client that asks about it; falsy means that the token is not active. `tokens.introspect` is one.
 *
 * @param hint `token_type_hint`: the type of the token in the opinion of the client, which may be wrong
 * @param inquiry what extensions want to know of the token
 */
export type Introspect<C> = (
  token: string,
  client: C,
  hint: string | undefined,
  inquiry: TokenInquiry,
) => Awaitable<IntrospectionResponse | false | null | undefined>;

/** Options of `introspection()`. */
export interface IntrospectionOptions<C> {
  /**
   * Whether a client that asks for a signed JWT, by `Accept: application/token-introspection+jwt`, gets one. Needs `createServer({ issuer, keys })`, with a key
   * for the `introspection_signed_response_alg` of the client, which is `RS256` if it registered none. Default `false`: every response is JSON.
   */
  readonly jwtResponses?: boolean;
  /**
   * Whether a client is an API, which may ask about every token: exactly `true` if it is. Default: no client is, and each may ask only about its own tokens.
   */
  readonly resourceServer?: (client: C) => Awaitable<boolean>;
  /** Where the endpoint is mounted, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/introspect`. */
  readonly url?: string;
  /** The member of `ctx.state` where client authentication leaves the client. Default `user`. */
  readonly userProperty?: string;
}

const KNOWN: OptionNames<IntrospectionOptions<never>> = {
  jwtResponses: true,
  resourceServer: true,
  url: true,
  userProperty: true,
};

/** What an extension discloses of a token to a client that is the API of the token. */
function disclosedTo<C, U>(
  { extensions }: Core<C, U>,
  found: IntrospectionResponse,
  clientID: string | undefined,
): object | undefined {
  if (clientID === undefined) return undefined;
  for (const { disclose } of extensions) {
    const told = disclose?.(found, clientID);
    if (told) return extensions.reduce((left, { narrowDisclosed }) => narrowDisclosed?.(left) ?? left, told);
  }
  return undefined;
}

/**
 * What a client is told of a token: everything, if the token is its own, or if it is an API for all tokens; else what an extension discloses to it as an API.
 */
function toldTo<C, U>(
  core: Core<C, U>,
  found: IntrospectionResponse,
  client: C,
  resourceServer: IntrospectionOptions<C>['resourceServer'],
): Awaitable<object | undefined> {
  const clientID = core.clientID(client);
  if (found.client_id !== undefined && found.client_id === clientID) return found;
  const tell = (isAPI: boolean | undefined) => (isAPI === true ? found : disclosedTo(core, found, clientID));
  return andThen(resourceServer?.(client), tell);
}

/**
 * If the configuration does not name an API as one, this API is told that every token is inactive. Without a warning, its operator would look for the fault in
 * the tokens.
 */
function warnOfWithheld(clientID = '', { client_id }: IntrospectionResponse): void {
  debug('withheld from %s: a token of %s', clientID, client_id);
  warnOnce(
    'KOAUTHORIZE_INTROSPECTION_WITHHELD',
    `${clientID} has asked about a token of ${client_id}, and is told that it is not active. If ${clientID} is an API: introspection({ resourceServer }), or introspectedBy of its resource, has to name it.`,
    clientID,
  );
}

/** The inquiries of all extensions. @throws Error if two extensions contradict each other */
function inquiryOf<C, U>({ extensions }: Core<C, U>): TokenInquiry {
  const all: TokenInquiry = {};
  for (const { name, inquiry } of extensions) addTo(all, inquiry, `The extension ${name}`);
  return all;
}

function handlerFor<C, U>(core: Core<C, U>, introspect: Introspect<C>, options: IntrospectionOptions<C>): Middleware {
  const { resourceServer, userProperty = 'user' } = options;
  let inquiry: TokenInquiry | undefined; // nothing can be plugged in after the first request
  return async function introspection(ctx) {
    const { client, method, token, hint } = await readInquiry(core, ctx, userProperty);
    // §2.1: MUST also require some form of authorization
    if (isPublicClient({ client, authMethod: method }))
      throw reasoned(
        new TokenError('Not for public clients', 'invalid_client'),
        'The client is registered as public, or did not authenticate: RFC 7662 §2.1',
        { client: core.clientID(client), method },
      );
    const key = options.jwtResponses === true && isAskedFor(ctx) ? keyFor(core, client) : undefined;
    inquiry ??= inquiryOf(core);
    const found = (token !== undefined && (await introspect(token, client, hint, inquiry))) || undefined;
    const telling = found?.active === true ? toldTo(core, found, client, resourceServer) : undefined;
    const told = isPromise(telling) ? await telling : telling;
    if (found?.active === true && !told) warnOfWithheld(core.clientID(client), found);
    const answer = told ?? { active: false }; // §2.2: SHOULD NOT say anything else of an inactive token
    if (key) await answerSigned(ctx, core, client, { key, answer });
    else answerJSON(ctx, answer);
  };
}

/**
 * Tells an authenticated client whether a token is active, and its claims. For a token of another client, a client that is not an API gets the response for an
 * unknown token: `{ "active": false }`.
 *
 * @example router.post('/introspect', authenticateClient, server.endpoint(introspection(tokens.introspect)))
 * @throws Error before the first request, if `jwtResponses` is set and there is no issuer or no key
 * @see RFC 7662 §2, RFC 9701
 */
export function introspection<C = Client, U = unknown>(
  introspect: Introspect<C>,
  options: IntrospectionOptions<C> = {},
): Plug<C, U> {
  requireKnown<IntrospectionOptions<C>>(options, KNOWN, 'introspection');
  const { url } = options;
  const jwtResponses = options.jwtResponses === true;
  if (url !== undefined) requireLocation(url, 'introspection({ url })');
  return (core) => ({
    name: 'introspection',
    spec: jwtResponses ? ['RFC 7662', 'RFC 9701'] : 'RFC 7662',
    ...(jwtResponses && {
      ready: () => requireSignable(core),
      registers: REGISTERED,
      register: (metadata) => judgeRegistration(metadata, signingAlgorithms(core.keys)),
      metadata: () => ({ introspection_signing_alg_values_supported: signingAlgorithms(core.keys) }), // RFC 9701 §7
    }),
    routes: {
      introspection: {
        path: '/introspect',
        url,
        listedAs: 'introspection_endpoint',
        methods: ['POST'],
        clientAuthenticated: true,
        cors: 'allowed-origins',
        handler: handlerFor(core, introspect, options),
      },
    },
  });
}
