/** The files of a new project. */
import type { Choice } from './choice.js';
import { manifestOf } from './manifest.js';
import { readmeOf } from './readme.js';
import { extensionOf, render } from './render.js';
import { app } from './template/app.js';
import { appTest } from './template/app-test.js';
import { client } from './template/client.js';
import { lmdbStorage } from './template/lmdb-storage.js';
import { login } from './template/login.js';
import { memoryStorage } from './template/memory-storage.js';
import { pages } from './template/pages.js';
import { people } from './template/people.js';
import { postgresStorage } from './template/postgres-storage.js';
import { redisStorage } from './template/redis-storage.js';
import { server } from './template/server.js';
import { target } from './template/target.js';
import { throttle } from './template/throttle.js';

const STORAGES: Readonly<Record<Choice['store'], string>> = {
  memory: memoryStorage,
  lmdb: lmdbStorage,
  postgres: postgresStorage,
  redis: redisStorage,
};

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src', 'test'],
};

/** The sources, by their paths without the file extension. */
const sourcesOf = ({ store }: Choice): Readonly<Record<string, string>> => ({
  'src/server': server,
  'src/app': app,
  'src/login': login,
  'src/pages': pages,
  'src/people': people,
  'src/throttle': throttle,
  'src/storage': STORAGES[store],
  'src/client': client,
  'test/app.test': appTest,
  'test/target': target,
});

/** The text of each file, by its path in the project. */
export function filesOf(choice: Choice): ReadonlyMap<string, string> {
  const { language } = choice;
  const sources = Object.entries(sourcesOf(choice)).map(
    ([path, template]) => [`${path}.${extensionOf(language)}`, render(template, language)] as const,
  );
  return new Map([
    ['package.json', manifestOf(choice)],
    ...(language === 'typescript' ? [['tsconfig.json', `${JSON.stringify(TSCONFIG, undefined, 2)}\n`] as const] : []),
    ['.gitignore', 'node_modules/\ndata/\n*.log\n'],
    ['README.md', readmeOf(choice)],
    ...sources,
  ]);
}
