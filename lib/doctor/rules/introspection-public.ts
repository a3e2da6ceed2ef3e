import { objectIn } from '../ask.js';
import { wordsIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

export const introspectionPublic: DoctorRule = {
  name: 'introspectionPublic',
  severity: 'error',
  finds: 'an introspection endpoint that answers without client authentication',
  looksAt: ['answers', 'clients'],
  why: 'Anybody can try tokens there, and learn which are valid and to whom they belong',
  section: 'RFC 7662 §2.1',
  remedy: 'A clientAuthentication() without none() before the introspection endpoint',
  examine({ answers, metadata }) {
    if (!answers || (answers.introspection.length === 0 && !metadata)) return undefined;
    const told = answers.introspection
      .filter((answer) => answer.status === 200 && typeof objectIn(answer)?.['active'] === 'boolean')
      .map(({ url }) => `${url} answers a request without client authentication`);
    const methods = wordsIn(metadata, 'introspection_endpoint_auth_methods_supported');
    return [
      ...new Set([
        ...told,
        ...(methods.includes('none') ? ['introspection_endpoint_auth_methods_supported contains "none"'] : []),
      ]),
    ];
  },
};
