/** Resources at the token endpoint: the audience of a token is never more than what was granted. @see RFC 8707 §2.2 */
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { TokenSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Authorization } from '../../types.js';
import { invalidTarget, type ResourceTable } from './table.js';

/** Grant types without an earlier authorization that could limit the audience. */
const DIRECT: ReadonlySet<string> = new Set(['client_credentials', 'password']);

/** The granted APIs; undefined if the authorization has none. @throws Error if the application or its store has lost them */
function grantedIn({ audience, request }: Authorization): readonly string[] | undefined {
  if (audience === undefined && request.resources === undefined) return undefined;
  if (Array.isArray(audience) && audience.length > 0) return audience;
  throw new Error('The stored authorization has lost its audience');
}

/** The granted APIs that the client may still have. @throws TokenError if none is left */
async function leftOf<C>(table: ResourceTable<C>, granted: readonly string[], client: C): Promise<readonly string[]> {
  const left = await table.allowed(granted, client);
  if (left.length > 0) return left;
  const error = new TokenError('None of the resources is left', 'invalid_grant');
  throw reasoned(error, 'The server no longer has any of the granted resources, or the client may not have them', {
    granted,
  });
}

export function tokenSteps<C>(table: ResourceTable<C>): TokenSteps<C> {
  return {
    async parse(params, client, _ctx, grantType) {
      const sent = params.all('resource');
      if (sent.length > 0) return { audience: await table.named(sent, client) };
      if (!DIRECT.has(grantType)) return undefined;
      const usual = table.default(client);
      return { audience: usual && (await table.named(usual, client)) }; // the client must be allowed to have the default, too
    },
    async check(authorization, request) {
      const { audience: asked, client } = request;
      const granted = grantedIn(authorization);
      const other = asked?.find((one) => !granted?.includes(one));
      if (other !== undefined)
        throw invalidTarget('resource was not granted', 'RFC 8707 §2.2: a subset of what was granted', {
          asked: other,
          granted,
        });
      if (!granted) return undefined;
      const left = await leftOf(table, granted, client);
      const audience = asked ?? left;
      table.requireScope(audience, request.scope ?? scopeOf(authorization) ?? []); // before the code is used up
      return { audience };
    },
    scope: async (scope, _client, { audience }) => (audience ? table.scopeFor(audience, scope) : scope),
  };
}
