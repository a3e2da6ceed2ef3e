/** Reads the first users and clients from seed.json, or from the file that SEED names. */
import { readFile } from 'node:fs/promises';
import type { App } from './clients.js';
import type { User } from './users.js';

export interface Seed {
  readonly users: readonly User[];
  readonly clients: readonly App[];
}

/** @param path the path of another file than seed.json */
export async function readSeed(issuer: string, path?: string): Promise<Seed> {
  const text = await readFile(path ?? new URL('seed.json', import.meta.url), 'utf8');
  return JSON.parse(text.replaceAll('{ISSUER}', issuer)) as Seed;
}
