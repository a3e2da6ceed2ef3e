import { keysIn, kidOf } from '../answers.js';
import type { DoctorRule } from '../rule.js';

/** RFC 7518 §6.2.2, §6.3.2, §6.4.1 */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

export const privateKeyPublished: DoctorRule = {
  name: 'privateKeyPublished',
  severity: 'error',
  finds: 'private or symmetric keys in the published key set',
  looksAt: ['answers'],
  why: 'Everybody can sign tokens and ID tokens of this server',
  section: 'RFC 7517 §9.2',
  remedy: 'Publish keys by jwks(), which leaves private members out; and replace the key that was published',
  examine({ answers }) {
    if (!answers) return undefined;
    return (keysIn(answers.jwks) ?? []).flatMap((key) => {
      const members = PRIVATE.filter((name) => key[name] !== undefined);
      return members.length > 0 ? [`The key ${kidOf(key)} is published with ${members.join(', ')}`] : [];
    });
  },
};
