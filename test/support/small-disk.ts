/** A real disk that can be filled: a file system in memory, of a few megabytes, which only root can mount. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteNotTested } from './not-tested.js';

export interface SmallDisk {
  readonly path: string;
  /** Leaves no room at all. */
  fill(): void;
  /** Gives back what `fill` took, and doubles the room. */
  makeRoom(): void;
  remove(): void;
}

const MEGABYTES = 2;

function writeUntilFull(path: string): void {
  for (let i = 0, size = 65_536; size >= 1; i++) {
    try {
      writeFileSync(join(path, `filler-${i}`), Buffer.alloc(size, 1), { flag: 'wx' });
    } catch {
      size = Math.floor(size / 2);
    }
  }
}

/** `undefined` where nothing can be mounted; the line that says so is printed when the run ends. */
export function smallDisk(): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), 'koauthorize-disk-'));
  const mount = (options: string): unknown =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'koauthorize', path], { stdio: 'ignore' });
  try {
    mount(`size=${MEGABYTES}m`);
  } catch {
    rmSync(path, { recursive: true });
    noteNotTested('a full disk, since none can be mounted');
    return undefined;
  }
  return {
    path,
    fill: () => writeUntilFull(path),
    makeRoom() {
      execFileSync('mount', ['-o', `remount,size=${2 * MEGABYTES}m`, path]);
    },
    remove() {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true });
    },
  };
}
