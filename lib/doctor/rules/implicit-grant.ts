import { responseTypeWords } from '../../syntax/response-type.js';
import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

/** Whether the response type sends an access token through the browser. */
const isImplicit = (type: string): boolean => responseTypeWords(type).includes('token');

export const implicitGrant: DoctorRule = {
  name: 'implicitGrant',
  severity: 'warning',
  finds: 'a grant that sends access tokens through the browser',
  looksAt: ['server', 'answers'],
  why: 'The token is in the URL, and so in histories and logs; an attacker can steal it there or inject another one; nothing binds it to the client',
  section: 'RFC 9700 §2.1.2',
  remedy: 'grant.code with pkce(), for applications in browsers, too; leave grant.token out',
  examine({ core, metadata }) {
    if (!core && !metadata) return undefined;
    const types = core ? [...core.grants.keys()] : wordsIn(metadata, 'response_types_supported');
    return types.filter(isImplicit).map((type) => `The response type ${type} is answered`);
  },
};
