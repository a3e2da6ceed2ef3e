/** One core for the server, another for the load, where that can be had. */
import { spawnSync } from 'node:child_process';

const SERVER = '0';
const LOAD = '1';

/** Whether processes can be pinned here: on Linux, and where both cores are there for this process. */
export const canPin = [SERVER, LOAD].every((core) => spawnSync('taskset', ['--cpu-list', core, 'true']).status === 0);

/** Moves this process, which makes the load, away from the servers' core. */
export function pinLoad(): void {
  if (canPin) spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', LOAD, `${process.pid}`]);
}

/** The command that starts node on the servers' core. @param node the executable */
export function onServerCore(
  node: string,
  args: readonly string[],
): readonly [command: string, args: readonly string[]] {
  return canPin ? ['taskset', ['--cpu-list', SERVER, node, ...args]] : [node, args];
}
