/** The builds that are compared. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The project, seen from bench/dist/bench/instructions/. */
const ROOT = resolve(import.meta.dirname, '../../../..');

export interface Checkout {
  /** Has a build in its `dist`. */
  readonly directory: string;
  remove(): void;
}

function build(directory: string): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: directory, stdio: 'inherit' }); // as that commit builds it
}

/** @param what a directory of a checkout whose dependencies are installed, or a commit, which is checked out for a while. @throws Error */
export function checkout(what: string): Checkout {
  if (existsSync(what)) {
    const directory = resolve(what);
    build(directory);
    return { directory, remove: () => {} };
  }
  const directory = join(mkdtempSync(join(tmpdir(), 'koauthorize-')), 'checkout');
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['worktree', ...args], { cwd: ROOT, stdio: 'ignore' });
  git('add', '--detach', directory, what);
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  build(directory);
  return { directory, remove: () => git('remove', '--force', directory) };
}
