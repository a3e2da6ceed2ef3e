import { authMethodOf } from '../../clients/registration.js';
import { wordsIn } from '../endpoints.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** The methods that `clientAuthentication()` has told the server; empty if it has told none. */
function pluggedIn({ core, metadata }: Evidence): readonly string[] {
  const announced = wordsIn(metadata, 'token_endpoint_auth_methods_supported');
  if (announced.length > 0 || !core) return announced;
  return core.extensions.flatMap((extension) => extension.metadata?.().token_endpoint_auth_methods_supported ?? []);
}

export const authMethodNotPluggedIn: DoctorRule = {
  name: 'authMethodNotPluggedIn',
  severity: 'error',
  finds: 'a token_endpoint_auth_method of a client that is misspelt, or that the server does not accept',
  looksAt: ['clients', 'server', 'answers'],
  why: 'A client may use only the method that it registered, so all its requests get invalid_client',
  section: 'RFC 7591 §2',
  remedy: 'Add the method to clientAuthentication({ methods }), or correct the registration',
  examine(evidence) {
    const methods = pluggedIn(evidence);
    if (!evidence.clients || methods.length === 0) return undefined;
    return evidence.clients.flatMap(({ id, registration }) => {
      const method = authMethodOf(registration);
      return method === undefined || methods.includes(method)
        ? []
        : [`${id} registered ${method}; the server takes ${methods.join(', ')}`];
    });
  },
};
