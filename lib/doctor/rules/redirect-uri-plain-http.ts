import { isHTTPSOrLoopback } from '../../syntax/url.js';
import type { DoctorRule } from '../rule.js';

const isPlain = (uri: string): boolean =>
  URL.canParse(uri) && new URL(uri).protocol === 'http:' && !isHTTPSOrLoopback(new URL(uri));

export const redirectURIPlainHTTP: DoctorRule = {
  name: 'redirectURIPlainHTTP',
  severity: 'error',
  finds: 'registered redirect URIs with http on other machines than the user’s',
  looksAt: ['clients'],
  why: 'Everybody on the network between the browser and the client can read the code',
  section: 'RFC 9700 §2.6',
  remedy: 'Register an https URL of the client; http is only for 127.0.0.1, [::1] and localhost',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, redirectURIs }) => redirectURIs.filter(isPlain).map((uri) => `${id} registered ${uri}`)),
};
