/** The file of keys, in the form of the argument of keySet(). */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from '../command.js';

/** A key in the file. */
export interface FileKey {
  readonly kid: string;
  readonly alg: string;
  /** Epoch seconds at which the key was made. */
  readonly iat?: number;
  /** Epoch seconds at which the last token that the key signed expires. Only keys that no longer sign have it. */
  readonly exp?: number;
  /** The private part. Keys that no longer sign lack it. */
  readonly d?: string;
}

export interface KeyFile {
  readonly signing: readonly FileKey[];
  /** Keys that will sign, with their private part, and keys that no longer sign. */
  readonly published: readonly FileKey[];
}

/**
 * Makes an empty file unless it exists. Of several concurrent processes, one makes it.
 *
 * @returns whether it was made
 */
export function claim(file: string): boolean {
  try {
    writeFileSync(file, '', { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'EEXIST') throw error;
    return false;
  }
}

export const isAt = (file: string): boolean => existsSync(file);

const isKey = (key: unknown): key is FileKey => {
  const { kid, alg } = Object(key);
  return typeof kid === 'string' && typeof alg === 'string';
};

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON`); // not the message of JSON.parse: it quotes the text, which has private keys
  }
}

/** @throws UsageError if the file does not exist, or is not a file of keys */
export function readKeys(file: string): KeyFile {
  if (!isAt(file)) throw new UsageError(`There is no ${file}: make it by koauthorize keys make`);
  const { signing, published = [] } = Object(parsed(file, readFileSync(file, 'utf8')));
  const all = [signing, published].flat();
  if (all.length === 0 || !all.every(isKey))
    throw new UsageError(`${file} has no keys with kid and alg, as keys make writes them`);
  return { signing: [signing].flat(), published };
}

/** Replaces the whole file. Only its owner may read it, since every reader can sign tokens. */
export function writeKeys(file: string, keys: KeyFile): void {
  const unfinished = `${file}.${process.pid}.new`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
