/** The steps by which CIBA reads its own parameters of a request. */
import { AuthorizationError } from '../../errors/authorization-error.js';
import type { AuthorizationSteps } from '../../steps.js';
import { TYPE } from './names.js';
import { readBindingMessage } from './parameters.js';

/** @param requiresMessage whether every request needs a binding message */
export function stepsOf<C, U>(requiresMessage: boolean): AuthorizationSteps<C, U> {
  return {
    parse({ params, request }) {
      // as at the authorization endpoint: if no extension has resolved them, they are refused, since the real request of the client may be in them
      for (const name of ['request', 'request_uri'] as const)
        if (params.has(name)) throw new AuthorizationError(`${name} is not supported`, `${name}_not_supported`);
      return request.type === TYPE ? readBindingMessage(params, requiresMessage) : undefined;
    },
  };
}
