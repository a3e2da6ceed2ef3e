/** The programs that a page has its reader type, in a directory of their own, and the commands of the page that run them. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, root, run } from '../run.js';
import { filesOf } from './blocks.js';
import { type Page, pages, write } from './pages.js';

export const pageAt = (path: string): Page =>
  pages().find((page) => page.path === path) ?? assert.fail(`${path} is not there`);

export interface Programs {
  readonly directory: string;
  /** The exports of a block of the page, by its name. */
  load(block: string): Promise<object>;
  /** Runs the only `sh` block of the page that begins with these words. @throws AssertionError if it fails */
  shell(start: string, more?: NodeJS.ProcessEnv): Promise<string>;
  /** Runs one of the programs. */
  node(file: string, args?: readonly string[], more?: NodeJS.ProcessEnv): Promise<Outcome>;
}

/** @param environment of all programs, besides the variables of this process @param changed what a command says for what it says on the page */
export function programsOf(page: Page, environment: NodeJS.ProcessEnv, changed: readonly [string, string][]): Programs {
  const name = page.path.replace(/\W/g, '-');
  const directory = join(root, 'test', 'output', `${name}-programs`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [file, text] of filesOf(page.blocks)) writeFileSync(join(directory, file), text);
  return {
    directory,
    load: (block) => {
      const module = page.modules.find((each) => each.name === block) ?? assert.fail(`no block ${block}`);
      return write(name, [page]).load(page, module);
    },
    async shell(start, more = {}) {
      const blocks = page.blocks.filter(({ language, text }) => language === 'sh' && text.startsWith(start));
      assert.equal(blocks.length, 1, `${start}: ${blocks.length} blocks begin with it`);
      const text = changed.reduce((command, [from, to]) => command.replaceAll(from, to), blocks[0]?.text ?? '');
      const { ok, stdout, output } = await run('/bin/bash', ['-ec', text], directory, { ...environment, ...more });
      assert.ok(ok, output);
      return stdout;
    },
    node: (file, args = [], more = {}) =>
      run(process.execPath, [file, ...args], directory, { ...environment, ...more }),
  };
}
