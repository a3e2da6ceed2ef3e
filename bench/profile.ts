/** Where the time goes: `node bench/dist/bench/profile.js a.cpuprofile ...` for profiles that `run.js --profile directory` left. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { table } from './report.js';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

/** @see https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

const MOST = 25;
const OURS = 'koauthorize';

/** Whose code it is: a package, `node`, or what V8 puts in parentheses. */
function ownerOf({ url, functionName }: CallFrame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (name !== undefined) return name;
  if (url.includes('/bench/dist/')) return 'the server file';
  return url.startsWith('node:') ? 'node' : OURS;
}

const placeOf = ({ functionName, url, lineNumber }: CallFrame): string =>
  `${functionName || '(anonymous)'} ${url.replace(/.*\/dist\//, '')}:${lineNumber + 1}`;

/** What a sample's stack counts for: its frames, the innermost first. */
type KeyOf = (stack: readonly CallFrame[]) => string | undefined;

/** The frames of each node, the innermost first. */
function stacksOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, readonly CallFrame[]> {
  const byID = new Map(nodes.map((node) => [node.id, node]));
  const stacks = new Map<number, readonly CallFrame[]>();
  const enter = ({ id, callFrame, children = [] }: ProfileNode, callers: readonly CallFrame[]): void => {
    const stack = [callFrame, ...callers];
    stacks.set(id, stack);
    for (const child of children) {
      const node = byID.get(child);
      if (node) enter(node, stack);
    }
  };
  if (nodes[0]) enter(nodes[0], []);
  return stacks;
}

function shares({ nodes, samples, timeDeltas }: Profile, keyOf: KeyOf): Map<string, number> {
  const stacks = stacksOf(nodes);
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const key = keyOf(stacks.get(id) ?? []);
    if (key !== undefined) times.set(key, (times.get(key) ?? 0) + (timeDeltas[index] ?? 0));
  });
  return times;
}

/** Whose code the time is spent in. */
const byOwner: KeyOf = ([frame]) => (frame && frame.functionName !== '(idle)' ? ownerOf(frame) : undefined);

/** Our own functions. */
const byFunction: KeyOf = ([frame]) => (frame && ownerOf(frame) === OURS ? placeOf(frame) : undefined);

/** What our functions ask of node, V8 and packages, with all that follows from it. */
const byCall: KeyOf = (stack) => {
  const caller = stack.findIndex((frame) => ownerOf(frame) === OURS);
  const [callee, by] = [stack[caller - 1], stack[caller]];
  return callee && by && `${placeOf(by)} → ${placeOf(callee)}`;
};

function print(title: string, times: Map<string, number>, all: number): void {
  const rows = [...times].sort(([, one], [, other]) => other - one).slice(0, MOST);
  const percent = (time: number): string => `${((time / all) * 100).toFixed(1)} %`;
  console.log(`\n${table([[title, ''], ...rows.map(([key, time]) => [key, percent(time)])])}`);
}

for (const path of process.argv.slice(2)) {
  const profile = JSON.parse(readFileSync(path, 'utf8')) as Profile;
  const owners = shares(profile, byOwner);
  const all = [...owners.values()].reduce((sum, time) => sum + time, 0);
  print(`${basename(path)}: self time`, owners, all);
  print('self time of our functions', shares(profile, byFunction), all);
  print('what our functions call, with what that calls', shares(profile, byCall), all);
}
