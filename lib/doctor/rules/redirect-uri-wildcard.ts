import type { DoctorRule } from '../rule.js';

/** This server compares redirect URIs as exact texts, so that a pattern matches nothing. Software that expands patterns would match too much. */
const isPattern = (uri: string): boolean => uri.includes('*') || !URL.canParse(uri);

export const redirectURIWildcard: DoctorRule = {
  name: 'redirectURIWildcard',
  severity: 'error',
  finds: 'registered redirect URIs that are patterns, or not absolute URLs',
  looksAt: ['clients'],
  why: 'A pattern matches URLs that the attacker can choose, and the code is sent there. If URIs are compared as exact texts, a pattern matches nothing',
  section: 'RFC 9700 §4.1.3',
  remedy: 'Register each redirect URI exactly as it is sent',
  examine: ({ clients }) =>
    clients?.flatMap(({ id, redirectURIs }) => redirectURIs.filter(isPattern).map((uri) => `${id} registered ${uri}`)),
};
