/** What introspection tells an API about a token. @see RFC 7662 §4, RFC 9701 §8 */
import type { Claims } from '../../types.js';
import type { ResourceTable } from './table.js';

/** The response for an API that asks as this client, with only its own audience and its own scope words. Undefined for a token that is not for this API. */
export function disclosed(table: ResourceTable<never>, answer: Claims, clientID: string): Claims | undefined {
  const { aud, scope } = answer;
  const audience = [aud ?? []].flat().filter((one): one is string => typeof one === 'string');
  const own = table.introspectedBy(clientID, audience);
  const [first] = own;
  if (first === undefined) return undefined;
  const words = typeof scope === 'string' ? table.scopeFor(own, scope.split(' ')) : [];
  const seen = { aud: own.length > 1 ? own : first, scope: words.length > 0 ? words.join(' ') : undefined };
  return Object.assign({}, answer, seen);
}
