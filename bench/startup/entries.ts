/** What it takes to import each entry of the package, by itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../growth/cost.js';
import { BENCH } from '../report.js';
import { filesOf } from './imports.js';

const ROOT = join(BENCH, '..');
const NAME = 'koauthorize';

/** One entry. The costs are in ms of CPU time, user and system, of all threads. */
export interface Entry {
  readonly specifier: string;
  /** Files of the package that it imports, and so on. */
  readonly files: number;
  /** In a process that has imported Koa, which is left out. */
  readonly alone: number;
  /** In a process that has imported the root of the package, too. */
  readonly afterRoot: number;
}

/** What package.json exports, with the file of each. */
function exported(): ReadonlyMap<string, string> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly default?: string }>>;
  };
  const entries = new Map<string, string>();
  for (const [path, { default: file }] of Object.entries(exports)) {
    if (file === undefined) continue;
    const [folder = '', rest] = file.split('*');
    const names = rest === undefined ? [''] : readdirSync(join(ROOT, folder)).sort();
    for (const name of names) {
      const target = join(ROOT, file.replace('*', name));
      if (existsSync(target)) entries.set(NAME + path.slice(1).replace('*', name), target);
    }
  }
  return entries;
}

/** ms of CPU time that a new process needs to import something, when it has imported other things. */
function costOf(specifier: string, before: readonly string[]): number {
  const imports = before.map((one) => `await import('${one}');`).join('');
  const program = `${imports}const start = process.cpuUsage();await import('${specifier}');
    const { user, system } = process.cpuUsage(start);process.stdout.write(String((user + system) / 1000));`;
  const env = { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', NODE_OPTIONS: '' };
  const args = ['--input-type=module', '--eval', program];
  return Number(execFileSync(process.execPath, args, { cwd: BENCH, env, encoding: 'utf8' }));
}

/** Measures all entries in turns: the median of so many processes for each figure. */
export function measureEntries(times: number): readonly Entry[] {
  const entries = [...exported()].map(([specifier, file]) => ({
    ...{ specifier, file, alone: [] as number[], afterRoot: [] as number[] },
  }));
  for (let time = 0; time < times; time++)
    for (const { specifier, alone, afterRoot } of entries) {
      alone.push(costOf(specifier, ['koa']));
      if (specifier !== NAME) afterRoot.push(costOf(specifier, ['koa', NAME]));
    }
  return entries.map(({ specifier, file, alone, afterRoot }) => ({
    ...{ specifier, files: filesOf(file).size, alone: median(alone) },
    afterRoot: afterRoot.length > 0 ? median(afterRoot) : 0,
  }));
}
