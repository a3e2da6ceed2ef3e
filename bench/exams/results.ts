/** What was found, as it is kept in results.json: raw counts, and the versions that they are of. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH } from '../report.js';
import type { Effort, Findings } from './findings.js';
import type { Subject } from './subjects.js';

export interface Result extends Findings {
  /** When, on what, and with which version of Node. */
  readonly machine: string;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly effort: Effort;
}

/** By the name of the server. */
export type Results = Readonly<Record<string, Result>>;

const PATH = join(BENCH, 'exams', 'results.json');

export const readResults = (): Results => JSON.parse(readFileSync(PATH, 'utf8')) as Results;

/** One line for each exam, so that a change can be seen. */
export function writeResults(results: Results): void {
  const lines = Object.entries(results).map(([name, result]) => {
    const members = Object.entries(result).map(
      ([member, value]) => `    ${JSON.stringify(member)}: ${JSON.stringify(value)}`,
    );
    return `  ${JSON.stringify(name)}: {\n${members.join(',\n')}\n  }`;
  });
  writeFileSync(PATH, `{\n${lines.join(',\n')}\n}\n`);
}

export function versionsOf({ packages }: Subject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    packages.map((name) => {
      const path = join(BENCH, 'node_modules', name, 'package.json');
      return [name, (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version];
    }),
  );
}
