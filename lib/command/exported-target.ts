/** Reads the exports of a module that the arguments name. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './command.js';

const IN_TYPESCRIPT =
  'is TypeScript, which this Node does not load: node --import tsx node_modules/koauthorize/dist/command/main.js <command> ...';

/** @throws UsageError if the module is TypeScript, and Node cannot load it */
export async function exportsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    if (Object(error).code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    throw new UsageError(/\.[cm]?tsx?$/.test(path) ? `${path} ${IN_TYPESCRIPT}` : Object(error).message);
  }
}

/** @throws UsageError */
export async function exportedTarget<T>(path: string): Promise<Partial<T>> {
  const module: { readonly target?: Partial<T> } = await exportsOf(path);
  if (typeof module.target === 'object') return module.target;
  throw new UsageError(`${path} exports no target`);
}
