/** Reads members of JSON documents, whatever their types are. */
import { membersOf, type Page } from '../../attack/http.js';

export type Members = Readonly<Record<string, unknown>>;

/** A JSON document, and the answer that it came in. */
export interface Document {
  readonly page: Page;
  readonly members: Members;
}

export const documentIn = (page: Page): Document => ({ page, members: membersOf(page) });

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The strings of a list; none if the value is no list. */
export const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** The words of a scope. */
export const words = (value: unknown): readonly string[] => (text(value) ?? '').split(' ').filter(Boolean);

/** Whether an answer is JSON by its type. */
export const isJSON = ({ headers }: Page): boolean =>
  /^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '');

/** Names of members that are empty lists. */
export const emptyLists = (members: Members): readonly string[] =>
  Object.entries(members)
    .filter(([, value]) => Array.isArray(value) && value.length === 0)
    .map(([name]) => name);

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether nobody in between can read requests to a URL: https, or a loopback host. */
export function isSecure(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
