/** Resources at the token endpoint: the audience of a token is never more than what was granted. @see RFC 8707 §2.2 */
import { reasoned } from '../../errors/reason.js';
import { TokenError } from '../../errors/token-error.js';
import type { TokenSteps } from '../../steps.js';
import { scopeOf } from '../../syntax/scope.js';
import type { Authorization } from '../../types.js';
import { invalidTarget, type ResourceTable } from './table.js';

/** The grant types by which tokens are issued that nobody has authorized before. */
const DIRECT: ReadonlySet<string> = new Set(['client_credentials', 'password']);

/** What was granted; undefined if the authorization is one without resources. @throws Error where the application or its store has dropped it */
function grantedIn({ audience, request }: Authorization): readonly string[] | undefined {
  if (audience === undefined && request.resources === undefined) return undefined;
  if (Array.isArray(audience) && audience.length > 0) return audience;
  throw new Error('The stored authorization has lost its audience');
}

/** Those of the granted APIs that the client may still have. @throws TokenError */
async function leftOf<C>(table: ResourceTable<C>, granted: readonly string[], client: C): Promise<readonly string[]> {
  const left = await table.allowed(granted, client);
  if (left.length > 0) return left;
  const error = new TokenError('None of the resources is left', 'invalid_grant');
  throw reasoned(error, 'The server has none of the granted resources any more, or the client may not have them', {
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
      return { audience: usual && (await table.named(usual, client)) }; // which the client must be allowed, as if it had named it
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
      table.requireScope(audience, request.scope ?? scopeOf(authorization) ?? []); // before anything is spent
      return { audience };
    },
    scope: async (scope, _client, { audience }) => (audience ? table.scopeFor(audience, scope) : scope),
  };
}
