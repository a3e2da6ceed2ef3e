/** The file of keys, in the form of the argument of keySet(). */
import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { keySet } from '../../keys/key-set.js';
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

/** @throws UsageError if `keySet()` refuses the keys: no server could start with them */
async function requireUsable(file: string, { signing, published }: KeyFile): Promise<void> {
  try {
    await keySet({ signing, published } as Parameters<typeof keySet>[0]);
  } catch (cause) {
    throw new UsageError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** @throws UsageError if the file does not exist, or is not a file of keys that a server can use */
export async function readKeys(file: string): Promise<KeyFile> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`There is no file ${file}: make it by koauthorize keys make`);
  const { signing, published = [] } = Object(parsed(file, readFileSync(file, 'utf8')));
  const all = [signing, published].flat();
  if (all.length === 0 || !all.every(isKey))
    throw new UsageError(`${file} has no keys with kid and alg, as keys make writes them`);
  const keys = { signing: [signing].flat(), published: [published].flat() };
  await requireUsable(file, keys);
  return keys;
}

/** Writes the keys into a new file in the same directory, so that `place` can move it to the path `file` in one step. */
function writeWhole(file: string, keys: KeyFile, place: (unfinished: string) => void): void {
  const unfinished = `${file}.${randomUUID()}.new`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
    place(unfinished);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/**
 * Makes the file. Only its owner can read it, since everybody who reads the keys can sign tokens. If several processes make it at once, exactly one succeeds.
 *
 * @returns whether the file was made: false if it exists already
 */
export function makeKeys(file: string, keys: KeyFile): boolean {
  try {
    writeWhole(file, keys, (unfinished) => linkSync(unfinished, file));
    return true;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'EEXIST') throw error;
    return false;
  }
}

/** Replaces an existing file; if the path is a link, the file that it leads to. The owner and the mode stay: the server may read the file as another user. */
export function replaceKeys(file: string, keys: KeyFile): void {
  const real = realpathSync(file);
  const { uid, gid, mode } = statSync(real);
  writeWhole(real, keys, (unfinished) => {
    const made = statSync(unfinished);
    if (made.uid !== uid || made.gid !== gid) chownSync(unfinished, uid, gid);
    chmodSync(unfinished, mode & 0o777); // not at its creation, where the umask counts
    renameSync(unfinished, real);
  });
}
