/** What clients send, and what comes back. */
import { createHash, randomBytes } from 'node:crypto';
import type { Page } from './http.js';
import type { AttackClient } from './target.js';

/** Parameters more; undefined takes one away. */
export type Changes = Readonly<Record<string, string | undefined>>;

export const random = (): string => randomBytes(32).toString('base64url');

export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** RFC 6749 §2.3.1: the parts are form-encoded before they are Basic. */
export function basic({ client_id, client_secret = '' }: Pick<AttackClient, 'client_id' | 'client_secret'>): string {
  const encode = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2);
  return `Basic ${btoa(`${encode(client_id)}:${encode(client_secret)}`)}`;
}

/** How a client says who it is: headers and fields. */
export function credentials(client: AttackClient) {
  const { client_id, client_secret, token_endpoint_auth_method } = client;
  if (client_secret === undefined) return { headers: {}, fields: { client_id } };
  if (token_endpoint_auth_method === 'client_secret_post') return { headers: {}, fields: { client_id, client_secret } };
  return { headers: { authorization: basic(client) }, fields: {} };
}

/** With some parameters changed, or taken away. */
export function changed(fields: Changes, changes: Changes): Readonly<Record<string, string>> {
  const pairs = Object.entries({ ...fields, ...changes });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** In words, for whoever reads why an attack could not be tried. */
export function describePage(page: Page): string {
  if (page.location !== undefined) return `${page.status} to ${page.location}`;
  return `${page.status} ${page.text
    .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)}`;
}
