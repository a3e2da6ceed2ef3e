import { registeredScopeOf } from '../../clients/registration.js';
import { wordsIn } from '../endpoints.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** The scope words of the server; undefined if they are not known. */
function supportedBy({ core, metadata }: Evidence): readonly string[] | undefined {
  if (metadata?.['scopes_supported'] !== undefined) return wordsIn(metadata, 'scopes_supported');
  const said = core?.extensions.flatMap((extension) => extension.metadata?.().scopes_supported ?? []);
  return said && said.length > 0 ? said : undefined;
}

export const scopeMismatch: DoctorRule = {
  name: 'scopeMismatch',
  severity: 'warning',
  finds: 'scope words that no client may ask for, and registered scope words that the server does not know',
  looksAt: ['clients', 'server'],
  why: 'Often one of the two is misspelt: the client gets invalid_scope, or an API requires a word that no token can have',
  section: 'RFC 6749 §3.3',
  remedy: 'Write the same words in scopes([...]) and in the scope of the registrations',
  examine(evidence) {
    const { clients } = evidence;
    const supported = supportedBy(evidence);
    if (!clients || clients.length === 0 || !supported) return undefined;
    const registered = clients.map(({ id, registration }) => ({ id, scope: registeredScopeOf(registration) }));
    const isOpen = registered.some(({ scope }) => scope === undefined); // a client without a registered scope may ask for every word
    const all = new Set(registered.flatMap(({ scope }) => scope ?? []));
    const unused = isOpen ? [] : supported.filter((word) => !all.has(word));
    return [
      ...(unused.length > 0 ? [`No client may ask for ${unused.join(', ')}`] : []),
      ...registered.flatMap(({ id, scope = [] }) => {
        const unknown = scope.filter((word) => !supported.includes(word));
        return unknown.length > 0
          ? [`${id} registered ${unknown.join(', ')}, and the server knows ${supported.join(', ')}`]
          : [];
      }),
    ];
  },
};
