/** RFC 8707: Resource Indicators for OAuth 2.0. */

import type { Extension } from '../../core.js';
import { relaxationsOf } from '../../findings.js';
import type { AuthorizationSteps } from '../../steps.js';
import type { Client, Params } from '../../types.js';
import { disclosed } from './disclosed.js';
import { grantedBy } from './granted.js';
import { RELAXATIONS, type ResourceIndicatorsOptions } from './options.js';
import { RESOURCE_INDICATORS_RULES } from './refusals.js';
import { ResourceTable } from './table.js';
import { tokenSteps } from './token.js';

declare module '../../types.js' {
  interface AuthorizationRequest {
    /** The APIs that the client wants tokens for, as the server's table has them. */
    readonly resources?: readonly string[] | undefined;
  }
  interface Decision {
    /** The APIs that were granted, where they are not all that were asked for. */
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
  return {
    parse: async ({ params, client }) => ({ resources: await read(params, client) }),
    async decide(txn) {
      await grantedBy(table, txn);
    },
    authorize: async (txn) => ({ audience: await grantedBy(table, txn) }),
  };
}

/**
 * Lets clients say which API a token is for (`resource`), so that an API that gets a token cannot use it at another one. The dialog finds what is
 * asked for in `txn.req.resources`, and the decision may grant fewer. The audience of each token is what was granted, or the part of it that the
 * client asks for at the token endpoint.
 *
 * The table says once, for each API, which words of a scope are its own, how its tokens look, how long they live, and which client asks the
 * introspection endpoint for it: such a client is told of tokens for that API, and of no others.
 *
 * @throws TypeError without resources, and for what is no absolute URI
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
