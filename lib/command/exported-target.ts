/** The target that the caller's module exports. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './command.js';

/** @throws UsageError */
export async function exportedTarget<T>(path: string): Promise<Partial<T>> {
  const module: { readonly target?: Partial<T> } = await import(pathToFileURL(resolve(path)).href);
  if (typeof module.target === 'object') return module.target;
  throw new UsageError(`${path} exports no target`);
}
