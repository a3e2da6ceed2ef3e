/** The package.json of a new project. */
import { createRequire } from 'node:module';
import type { Choice } from './choice.js';

/** The versions that projects are tested with: those of package.json of this package. */
export const VERSIONS = {
  '@koa/bodyparser': '^6.1.0',
  '@koa/router': '^15.7.0',
  '@types/koa': '^3.0.3',
  '@types/node': '^20.19.43',
  '@types/pg': '^8.23.1',
  koa: '^3.3.0',
  'koa-session': '^7.0.2',
  lmdb: '^3.5.6',
  pg: '^8.23.1',
  'rate-limiter-flexible': '^11.4.0',
  redis: '^6.3.1',
  tsx: '^4.23.15',
  typescript: '^7.0.2',
} as const;

type Package = keyof typeof VERSIONS;

const DRIVERS: Readonly<Record<Choice['store'], readonly Package[]>> = {
  memory: [],
  lmdb: ['lmdb'],
  postgres: ['pg'],
  redis: ['redis'],
};

const SCRIPTS = {
  typescript: {
    start: 'tsx src/server.ts',
    client: 'tsx src/client.ts',
    types: 'tsc',
    test: 'node --import tsx --test test/app.test.ts',
    attack: 'tsx node_modules/koauthorize/dist/command/main.js attack --target test/target.ts',
  },
  javascript: {
    start: 'node src/server.js',
    client: 'node src/client.js',
    test: 'node --test test/app.test.js',
    attack: 'koauthorize attack --target test/target.js',
  },
} as const;

/**
 * The version of this package. Its package.json is found by the name of the package, since in the published package this code is in a file of another folder.
 */
function ownVersion(): string {
  const { version }: { version: string } = createRequire(import.meta.url)('koauthorize/package.json');
  return version;
}

const versionsOf = (packages: readonly Package[]): Readonly<Record<string, string>> =>
  Object.fromEntries(packages.map((name) => [name, VERSIONS[name]]));

export function manifestOf({ name, language, store }: Choice): string {
  const isTyped = language === 'typescript';
  const types: readonly Package[] = [
    '@types/koa',
    '@types/node',
    ...(store === 'postgres' ? ['@types/pg' as const] : []),
  ];
  const manifest = {
    name,
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: SCRIPTS[language],
    dependencies: {
      koauthorize: `^${ownVersion()}`,
      ...versionsOf([
        '@koa/bodyparser',
        '@koa/router',
        'koa',
        'koa-session',
        'rate-limiter-flexible',
        ...DRIVERS[store],
      ]),
      ...(isTyped && versionsOf(['tsx'])), // tsx runs the server
    },
    ...(isTyped && { devDependencies: versionsOf([...types, 'typescript']) }),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
