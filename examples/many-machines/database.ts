/** What all processes share: one database, for the tokens and for whatever another process must find. */
import { hash } from 'node:crypto';
import { StoreUnavailableError, type TokenStore } from 'koauthorize/tokens';

export interface Database {
  readonly tokens: TokenStore;
  /** The value, until its time is over. */
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, seconds: number): Promise<void>;
  /** Changes a value that is still there, and not its time: what was removed does not come back. */
  replace(key: string, value: unknown): Promise<void>;
  /** Removes a value. Of concurrent calls, in whatever processes, exactly one is told that it did. */
  remove(key: string): Promise<boolean>;
}

/** Whoever reads the database shall learn no key that a browser could show; and a hash has no odd characters, nor a length to abuse. */
export function keyOf(kind: string, ...secrets: readonly string[]): string {
  return `${kind}:${hash('sha256', secrets.join(' '), 'base64url')}`;
}

/** Whatever is wrong with the database, all that clients learn is to try again: 503. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new StoreUnavailableError('The database does not answer', 1, { cause });
  }
}
