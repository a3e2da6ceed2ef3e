import { createHash, randomBytes } from 'node:crypto';
import type { StoredRecord, TokenKind, TokenRecord, TokenStore } from '../../token-service/store.js';

/** The stores that a check examines. */
export interface Subject {
  readonly store: TokenStore;
  /** Another store of the same records, or `store` itself if there is no other. */
  readonly second: TokenStore;
  /** Closes both stores, and opens the first one again. */
  reopen(): Promise<TokenStore>;
  /** Returns all stored content, as text. */
  readonly dump?: (() => Promise<string>) | undefined;
  /** Epoch seconds. */
  readonly now: number;
}

export interface Check {
  readonly name: string;
  run(subject: Subject): Promise<void>;
}

/** Kinds of tokens of the toolkit, and one that the toolkit does not know. */
export const KINDS: readonly TokenKind[] = [
  'code',
  'access_token',
  'refresh_token',
  'ephemeral',
  'jti',
  'a kind of an extension',
];

/** How many callers use one record at the same moment. */
export const RACERS = 50;

/** Seconds: the lives of a code and of a refresh token. Nothing of them may be forgotten before their end. */
export const LIVES = [600, 366 * 86_400] as const;

export function random(): string {
  return randomBytes(16).toString('base64url');
}

/** The ID under which a credential would be stored. */
export function idOf(tag: string, secret: string): string {
  return `${tag}.${createHash('sha256').update(secret).digest('base64url')}`;
}

/** Makes records of one authorization, by default of a new user. */
export function authorization(now: number, subject = `user ${random()}`) {
  const tag = random();
  const authorizationID = idOf(tag, random());
  const record = (changes: Partial<TokenRecord> = {}): TokenRecord => ({
    id: idOf(tag, random()),
    kind: 'refresh_token',
    authorizationID,
    clientID: 'a client',
    subject,
    expiresAt: now + 600,
    data: { scope: ['read', 'write'] },
    ...changes,
  });
  return { tag, authorizationID, subject, record };
}

export const ids = (records: readonly TokenRecord[]): readonly string[] => records.map(({ id }) => id).sort();

/** The records of an authorization, of a store that has `listByAuthorization`. */
export async function ofAuthorization(store: TokenStore, id: string, now: number): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const record of store.listByAuthorization?.(id, now) ?? []) found.push(record);
  return found;
}

export async function ofClient(store: TokenStore, clientID: string, now: number): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const record of store.listByClient(clientID, now)) found.push(record);
  return found;
}
