import { add } from '../http/add.js';
import type { Grant } from '../plugs.js';
import type { ResponseParams } from '../types.js';

/** Answers a response type of several words with what the grants of its words give. @see RFC 6749 §3.1.1 */
export function combined<C, U>(name: string, grants: readonly Grant<C, U>[]): Grant<C, U> {
  return {
    name,
    // Multiple Response Type Encoding Practices §5: fragment, if any of them is
    responseMode: grants.some(({ responseMode }) => responseMode === 'fragment') ? 'fragment' : 'query',
    ...(grants.some(({ expects }) => expects) && { expects: grants.find(({ expects }) => expects)?.expects as string }),
    async issue(txn, authorization) {
      let all: ResponseParams = {};
      for (const grant of grants) {
        all = add(all, await grant.issue(txn, authorization), grant.name);
        all = add(all, await grant.extend?.(txn), grant.name);
      }
      return all;
    },
  };
}
