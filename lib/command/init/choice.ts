/** The choices for a new project: by options, or by questions for those that the options leave out. */
import { basename, resolve } from 'node:path';
import { type Terminal, UsageError } from '../command.js';
import { oneOf, parseOptions } from '../parse.js';
import { LANGUAGES, type Language } from './render.js';

export const STORES = ['memory', 'lmdb', 'postgres', 'redis'] as const;

export interface Choice {
  /** An absolute path. */
  readonly directory: string;
  /** The name of the package. */
  readonly name: string;
  readonly language: Language;
  readonly store: (typeof STORES)[number];
}

const OPTIONS = {
  language: { type: 'string' },
  store: { type: 'string' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Ask = NonNullable<Terminal['ask']>;

const DEFAULTS = { directory: 'authorization-server', language: 'typescript', store: 'lmdb' } as const;

/** Asks until the answer is an entry of the list, or the beginning of an entry. */
async function choose<const T extends string>(ask: Ask, question: string, list: readonly T[], usual: T): Promise<T> {
  for (;;) {
    const answer = (await ask(`${question} (${list.join(', ')}) [${usual}] `)).trim().toLowerCase();
    const found = answer === '' ? usual : list.find((each) => each.startsWith(answer));
    if (found !== undefined) return found;
  }
}

/** A package name that npm accepts, made from the name of a folder. */
function packageName(directory: string): string {
  const name = basename(directory)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '');
  return name || DEFAULTS.directory;
}

/** @throws UsageError */
export async function readChoice(args: readonly string[], terminal: Terminal): Promise<Choice & { json: boolean }> {
  const { values, positionals } = parseOptions(args, OPTIONS);
  if (positionals.length > 1) throw new UsageError(`A project has one folder, not ${positionals.length}`);
  const { yes, json = false } = values;
  const ask = yes || json ? undefined : terminal.ask;
  const [where] = positionals;
  const folder = where ?? ((await ask?.(`In which folder? [${DEFAULTS.directory}] `))?.trim() || DEFAULTS.directory);
  const language = values.language
    ? oneOf(LANGUAGES, values.language, '--language')
    : ask
      ? await choose(ask, 'In which language?', LANGUAGES, DEFAULTS.language)
      : DEFAULTS.language;
  const store = values.store
    ? oneOf(STORES, values.store, '--store')
    : ask
      ? await choose(ask, 'Where are tokens and sessions kept?', STORES, DEFAULTS.store)
      : DEFAULTS.store;
  const directory = resolve(folder);
  return { directory, name: packageName(directory), language, store, json };
}
