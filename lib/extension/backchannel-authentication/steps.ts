/** What CIBA reads of a request beside what other extensions do. */
import { AuthorizationError } from '../../errors/authorization-error.js';
import type { AuthorizationSteps } from '../../steps.js';
import { TYPE } from './names.js';
import { readBindingMessage } from './parameters.js';

/** @param requiresMessage whether every request needs a binding message */
export function stepsOf<C, U>(requiresMessage: boolean): AuthorizationSteps<C, U> {
  return {
    parse({ params, request }) {
      // at the authorization endpoint: what no extension has resolved is refused, and not ignored. What the client really asked for may be in it
      for (const name of ['request', 'request_uri'] as const)
        if (params.has(name)) throw new AuthorizationError(`${name} is not supported`, `${name}_not_supported`);
      return request.type === TYPE ? readBindingMessage(params, requiresMessage) : undefined;
    },
  };
}
