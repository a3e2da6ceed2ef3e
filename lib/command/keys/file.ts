/** The file of keys: what keySet() takes. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UsageError } from '../command.js';

/** A key as it stands in the file. */
export interface FileKey {
  readonly kid: string;
  readonly alg: string;
  /** Epoch seconds: when it was made. */
  readonly iat?: number;
  /** Epoch seconds: when the last token that it signed ends. Keys that sign, or will, have none. */
  readonly exp?: number;
  /** The private part, which keys that have signed lack. */
  readonly d?: string;
}

export interface KeyFile {
  readonly signing: readonly FileKey[];
  /** Keys that will sign, with their private part, or that have signed. */
  readonly published: readonly FileKey[];
}

/**
 * Makes the file, empty, unless it exists. Of several processes that do so at once, one makes it.
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
    throw new UsageError(`${file} is not JSON`); // the message of JSON.parse quotes the text, which has private keys
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

/** Writes the file whole, readable by its owner alone: whoever else reads it can sign tokens. */
export function writeKeys(file: string, keys: KeyFile): void {
  const unfinished = `${file}.${process.pid}.new`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
