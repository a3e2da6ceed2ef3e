import { authMethodOf, clientSecretHashOf, clientSecretOf } from '../../clients/registration.js';
import type { DoctorRule } from '../rule.js';

export const secretPlain: DoctorRule = {
  name: 'secretPlain',
  severity: 'warning',
  finds: 'client secrets that are stored in plain text',
  looksAt: ['clients'],
  why: 'Anybody who reads the table of clients, or a copy of it, can authenticate as each of them',
  section: 'RFC 6819 §5.1.4.1.3',
  remedy:
    'Store client_secret_hash: hashClientSecret(secret); and have clients that need client_secret_jwt use private_key_jwt',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, registration }) => {
      const secret = clientSecretOf(registration);
      const isNeeded = authMethodOf(registration) === 'client_secret_jwt'; // RFC 7523: the secret is the key, so that a hash is not enough
      const isPlain = secret !== undefined && clientSecretHashOf(registration) === undefined && !isNeeded;
      return isPlain ? [`${id} has a client_secret of ${secret.length} characters`] : [];
    }),
};
