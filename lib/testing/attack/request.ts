/** Requests of clients, and descriptions of answers. */
import { createHash, randomBytes } from 'node:crypto';
import type { Page } from './http.js';
import type { AttackClient } from './target.js';

/** Parameters to set; undefined removes one. */
export type Changes = Readonly<Record<string, string | undefined>>;

export const random = (): string => randomBytes(32).toString('base64url');

export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** RFC 6749 §2.3.1: client ID and secret are form-encoded before they are joined for Basic. */
export function basic({ client_id, client_secret = '' }: Pick<AttackClient, 'client_id' | 'client_secret'>): string {
  const encode = (text: string): string => new URLSearchParams({ _: text }).toString().slice(2);
  return `Basic ${btoa(`${encode(client_id)}:${encode(client_secret)}`)}`;
}

/** The headers and fields by which a client authenticates. */
export function credentials(client: AttackClient) {
  const { client_id, client_secret, token_endpoint_auth_method } = client;
  if (client_secret === undefined) return { headers: {}, fields: { client_id } };
  if (token_endpoint_auth_method === 'client_secret_post') return { headers: {}, fields: { client_id, client_secret } };
  return { headers: { authorization: basic(client) }, fields: {} };
}

/** Applies changes to fields. */
export function changed(fields: Changes, changes: Changes): Readonly<Record<string, string>> {
  const pairs = Object.entries({ ...fields, ...changes });
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** Describes an answer, for messages that say why an attack could not be tried. */
export function describePage(page: Page): string {
  if (page.location !== undefined) return `${page.status} to ${page.location}`;
  return `${page.status} ${page.text
    .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)}`;
}
