import type { DoctorRule } from '../rule.js';

/** This server compares redirect URIs as texts, so that a pattern matches nothing. Software that expands patterns matches too much. */
const isPattern = (uri: string): boolean => uri.includes('*') || !URL.canParse(uri);

export const redirectURIWildcard: DoctorRule = {
  name: 'redirectURIWildcard',
  severity: 'error',
  finds: 'registered redirect URIs that are patterns, or not absolute URLs',
  looksAt: ['clients'],
  why: 'A pattern matches addresses that the attacker can choose, and the code goes there; where URIs are compared as texts it matches nothing',
  section: 'RFC 9700 §4.1.3',
  remedy: 'Register each redirect URI as it is sent, letter by letter',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, redirectURIs }) => redirectURIs.filter(isPattern).map((uri) => `${id} registered ${uri}`)),
};
