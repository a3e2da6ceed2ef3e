import { grantTypesFor } from '../../clients/permitted.js';
import { grantTypesOf } from '../../clients/registration.js';
import { wordsIn } from '../endpoints.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** The grant types that the server answers; undefined if a middleware of the application answers any grant type. */
function answered({ core, metadata }: Evidence): ReadonlySet<string> | undefined {
  if (!core) return metadata && new Set(wordsIn(metadata, 'grant_types_supported'));
  if (core.exchangers.some(({ type }) => type === undefined)) return undefined;
  const ofGrants = [...core.grants.keys()].flatMap((type) => grantTypesFor(core, type));
  return new Set([
    ...core.exchangers.flatMap(({ type }) => type ?? []),
    ...ofGrants.filter((type) => type !== 'authorization_code'),
  ]);
}

export const grantNotPluggedIn: DoctorRule = {
  name: 'grantNotPluggedIn',
  severity: 'error',
  finds: 'grant types that clients registered and that the server does not support',
  looksAt: ['clients', 'server'],
  why: 'These clients get unsupported_grant_type at their first request',
  section: 'RFC 7591 §2',
  remedy: 'Plug in an exchange for it by server.exchange(), or take it out of the registration',
  examine(evidence) {
    const types = answered(evidence);
    if (!evidence.clients || !types) return undefined;
    return evidence.clients.flatMap(({ id, registration }) => {
      const missing = (grantTypesOf(registration) ?? []).filter((type) => !types.has(type));
      return missing.length > 0
        ? [`${id} registered ${missing.join(', ')}; the server answers ${[...types].join(', ') || 'none'}`]
        : [];
    });
  },
};
