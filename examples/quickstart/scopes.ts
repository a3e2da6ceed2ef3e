/** What clients may ask for, and an extension of our own that refuses everything else. */
import { AuthorizationError, type Extension } from 'koauthorize';
import type { App, User } from './data.js';

/** Scopes, and what they mean in the words of the dialog. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
]);

export const knownScopes: Extension<App, User> = {
  name: 'known-scopes',
  authorization: {
    // the client and its redirect URI are known by now, so what is thrown here is sent to the client
    parse(_params, _client, { scope }) {
      const unknown = scope?.find((word) => !scopes.has(word));
      if (unknown !== undefined) throw new AuthorizationError(`Unknown scope: ${unknown}`, 'invalid_scope');
      return scope ? undefined : { scope: ['profile'] }; // RFC 6749 §3.3: without a scope, a default
    },
  },
  metadata: () => ({ scopes_supported: [...scopes.keys()] }),
};
