/** How good requests are written down. */
import type { Draft, Fields } from './draft.js';

export type Members = Readonly<Record<string, string>>;

const fields = (members: Members): Fields => Object.entries(members);
const NOTHING = { query: [], form: [], headers: [], body: 'form', framing: 'length', edits: [] } as const;

export const getting = (path: string, query: Members = {}, headers: Members = {}): Draft => ({
  ...NOTHING,
  method: 'GET',
  path,
  query: fields(query),
  headers: fields(headers),
});
export const posting = (path: string, form: Members, headers: Members = {}): Draft => ({
  ...NOTHING,
  method: 'POST',
  path,
  form: fields(form),
  headers: fields(headers),
});
