import { responseTypeWords } from '../../syntax/response-type.js';
import { wordsIn } from '../endpoints.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** Whether the metadata announce codes, and no S256. */
function announcesNone(metadata: NonNullable<Evidence['metadata']>): boolean {
  const gives = wordsIn(metadata, 'response_types_supported').some((type) => responseTypeWords(type).includes('code'));
  return gives && !wordsIn(metadata, 'code_challenge_methods_supported').includes('S256');
}

export const pkceMissing: DoctorRule = {
  name: 'pkceMissing',
  severity: 'error',
  finds: 'codes that are not bound to the client instance that requested them',
  looksAt: ['server', 'answers'],
  why: 'A code that is intercepted, or injected into another session, can be redeemed',
  section: 'RFC 9700 §2.1.1',
  remedy: 'server.extend(pkce())',
  examine({ core, metadata }) {
    if (core) {
      const exposed = [...core.grants.values()].flatMap(({ name, exposedTo }) => {
        const isPrevented = core.extensions.some(({ prevents }) => exposedTo && prevents?.includes(exposedTo.attack));
        return exposedTo && !isPrevented
          ? [`The grant ${name} is plugged in, and nothing prevents ${exposedTo.attack}`]
          : [];
      });
      return exposed;
    }
    if (!metadata) return undefined;
    return announcesNone(metadata)
      ? ['The metadata announce codes, and no code_challenge_methods_supported with S256']
      : [];
  },
};
