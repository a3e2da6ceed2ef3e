import { authMethodOf, clientSecretHashOf, clientSecretOf } from '../../clients/registration.js';
import type { DoctorRule } from '../rule.js';

export const secretPlain: DoctorRule = {
  name: 'secretPlain',
  severity: 'warning',
  finds: 'secrets of clients that are stored as they are',
  looksAt: ['clients'],
  why: 'Whoever reads the table of clients, or a copy of it, can pass for all of them',
  section: 'RFC 6819 §5.1.4.1.3',
  remedy:
    'Keep client_secret_hash: hashClientSecret(secret); and have clients that need client_secret_jwt use private_key_jwt',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, registration }) => {
      const secret = clientSecretOf(registration);
      const isNeeded = authMethodOf(registration) === 'client_secret_jwt'; // RFC 7523: the secret is the key
      const isPlain = secret !== undefined && clientSecretHashOf(registration) === undefined && !isNeeded;
      return isPlain ? [`${id} has a client_secret of ${secret.length} characters`] : [];
    }),
};
