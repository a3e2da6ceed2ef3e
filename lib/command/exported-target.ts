/** Reads the exports of a module that the arguments name. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError, WorkError } from './command.js';

const IN_TYPESCRIPT =
  'is TypeScript, which this Node does not load: node --import tsx node_modules/koauthorize/dist/command/main.js <command> ...';

/** The error for a module that cannot be loaded. If the module itself throws, its stack shows the line. */
function unloadable(path: string, error: unknown): Error {
  const { code, message, stack } = Object(error);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return new UsageError(`There is no file ${path}`);
  if (code !== 'ERR_UNKNOWN_FILE_EXTENSION')
    return new WorkError(`${path} could not be loaded: ${stack ?? String(error)}`);
  return new UsageError(/\.[cm]?tsx?$/.test(path) ? `${path} ${IN_TYPESCRIPT}` : message);
}

/** @throws UsageError if there is no such file, or Node cannot load TypeScript; WorkError if the module fails */
export async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw unloadable(path, error);
  }
}

/** @throws UsageError */
export async function exportedTarget<T>(path: string): Promise<Partial<T>> {
  const module: { readonly target?: Partial<T> } = await exportsOf(path);
  if (typeof module.target === 'object') return module.target;
  throw new UsageError(`${path} exports no target`);
}
