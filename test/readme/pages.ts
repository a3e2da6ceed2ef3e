/** The Markdown files of the repository, and what is made of their blocks. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Outcome, root, tsc } from '../run.js';
import { type Block, blocksOf, type Module, modulesOf } from './blocks.js';

export interface Page {
  /** Below the root of the repository. */
  readonly path: string;
  readonly markdown: string;
  readonly blocks: readonly Block[];
  readonly modules: readonly Module[];
}

/** The text of what is there below the root: '' for a folder, undefined for nothing. */
export function textOf(path: string): string | undefined {
  const file = join(root, path);
  if (!existsSync(file)) return undefined;
  return statSync(file).isDirectory() ? '' : readFileSync(file, 'utf8');
}

/** @throws Error that names the page whose blocks cannot be read */
export function toPage(path: string, markdown: string): Page {
  try {
    const blocks = blocksOf(markdown);
    return { path, markdown, blocks, modules: modulesOf(blocks) };
  } catch (cause) {
    throw new Error(`${path}, ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

export function pages(): Page[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...below.sort()].map((path) =>
    toPage(path, textOf(path) ?? ''),
  );
}

/** As strict as the repository, but for matters of style and names that a short example declares for its reader. */
const settings = {
  extends: '../../../tsconfig.json',
  compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, noPropertyAccessFromIndexSignature: false },
  include: ['**/*.ts'],
  exclude: [],
};

/** The file of a module: its folder has the name of the page, and its number is the block's line there. */
function fileOf(directory: string, { path }: Page, { line }: Module): string {
  return join(directory, path.replace(/\.md$/, '').replaceAll('/', '-'), `line-${line}.ts`);
}

export interface Written {
  /** Compiles all of them, in one run. A message names the page and the line. */
  compile(): Promise<Outcome>;
  /** Runs one. */
  load(page: Page, module: Module): Promise<object>;
}

/** Writes the modules of pages below test/output/. */
export function write(name: string, all: readonly Page[]): Written {
  const directory = join(root, 'test', 'output', name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
  for (const page of all) {
    for (const module of page.modules) {
      const file = fileOf(directory, page, module);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, module.text);
    }
  }
  return {
    compile: () => tsc(['-p', directory], root),
    load: async (page, module) => import(pathToFileURL(fileOf(directory, page, module)).href),
  };
}
