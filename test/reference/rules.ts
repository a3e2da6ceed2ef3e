/** Every rule of refusals in lib/, by the file that has it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RefusalRule } from '../../lib/refusal-rule.js';
import { root } from '../run.js';

const LIST = /^(?!testing).*(?:refusals|refusal\/rules\/\w+)\.ts$/;

export interface RuleList {
  readonly path: string;
  readonly rules: readonly RefusalRule[];
}

const paths = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) => LIST.test(path));

export const ruleLists: readonly RuleList[] = await Promise.all(
  paths.sort().map(async (path) => {
    const module: Readonly<Record<string, readonly RefusalRule[]>> = await import(join(root, 'lib', path));
    return { path, rules: Object.values(module).flat() };
  }),
);
