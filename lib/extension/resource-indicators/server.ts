/** RFC 8707: Resource Indicators for OAuth 2.0. */

import type { Extension } from '../../core.js';
import { relaxationsOf } from '../../findings.js';
import type { AuthorizationSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { AuthorizationRequest, Client, Params } from '../../types.js';
import { disclosed } from './disclosed.js';
import { grantedBy } from './granted.js';
import { RELAXATIONS, type ResourceIndicatorsOptions } from './options.js';
import { RESOURCE_INDICATORS_RULES } from './refusals.js';
import { ResourceTable } from './table.js';
import { tokenSteps } from './token.js';

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** The APIs that the client wants tokens for, by their identifiers in the server's table. */
    readonly resources?: readonly string[] | undefined;
  }
  interface Decision {
    /** The granted APIs, if they are fewer than the requested ones. */
    readonly resources?: readonly string[] | undefined;
  }
}
declare module '../../callbacks.js' {
  interface DecisionInput {
    /** The APIs that the user grants. Default: those that were asked for. */
    readonly resources?: readonly string[] | undefined;
  }
}
declare module '../../errors/codes.js' {
  interface AuthorizationErrorCodes {
    invalid_target: 400;
  }
  interface TokenErrorCodes {
    invalid_target: 400;
  }
}

function authorizationSteps<C, U>(table: ResourceTable<C>): AuthorizationSteps<C, U> {
  const read = async (params: Params, client: C) => {
    const sent = params.all('resource');
    return sent.length > 0 ? table.named(sent, client) : table.default(client);
  };
  /** RFC 6749 §4.1.2.1: otherwise the user would allow a scope that no token for these resources can have. */
  const requireScope = (resources: readonly string[] | undefined, request: Pick<AuthorizationRequest, 'scope'>) => {
    if (resources) table.requireScope(resources, scopeOf(request) ?? []);
  };
  return {
    async parse({ params, client, request }) {
      const resources = await read(params, client);
      requireScope(resources, request);
      return { resources };
    },
    async prompt({ req }) {
      requireScope(req.resources, req); // checked again: a later extension may have set the scope
      return undefined;
    },
    async decide(txn) {
      await grantedBy(table, txn);
    },
    authorize: async (txn) => ({ audience: await grantedBy(table, txn) }),
  };
}

/**
 * Lets clients say which API a token is for (`resource`), so that an API that receives a token cannot use it at another API. The dialog finds the requested
 * APIs in `txn.req.resources`, and the decision may grant fewer. The audience of each token is the granted APIs, or the part of them that the client asks for
 * at the token endpoint.
 *
 * The table defines for each API its scope words, the format and the lifetime of its tokens, and which clients ask the introspection endpoint for it: these
 * clients may ask about tokens for that API, and about no others.
 *
 * @throws TypeError without resources, and for a resource that is no absolute URI
 * @example
 * server.extend(resourceIndicators({
 *   resources: {
 *     'https://files.example/': { scopes: ['read', 'write'], introspectedBy: ['files-api'] },
 *     'https://mail.example/': { scopes: ['send'], lifetime: 300, accessTokens: jwt({ audience: 'https://mail.example/' }) },
 *   },
 * }));
 * router.get('/files', bearer({ verify: tokens.verify, audience: 'https://files.example/' }), page); // at the API
 * @see RFC 8707
 */
export function resourceIndicators<C = Client, U = unknown>(options: ResourceIndicatorsOptions<C>): Extension<C, U> {
  const table = new ResourceTable<C>(options);
  return {
    name: 'resourceIndicators',
    spec: 'RFC 8707',
    refusals: RESOURCE_INDICATORS_RULES,
    parameters: ['resource'],
    repeatable: ['resource'], // §2: multiple "resource" parameters may be used
    adds: ['resources', 'audience'],
    errors: { invalid_target: 400 },
    authorization: authorizationSteps(table),
    token: tokenSteps(table),
    accessTokenTerms: (audience) => table.termsFor(audience),
    disclose: (answer, clientID) => disclosed(table, answer, clientID),
    ready: (core) => table.ready(core),
    findings: () => relaxationsOf('resourceIndicators', options, RELAXATIONS),
  };
}
