/** Whether what was seen of requests at once can be explained: by some order of their steps, in some world. */
import { isDeepStrictEqual } from 'node:util';
import type { World } from './family.js';
import type { Progress, Seen, Step } from './steps.js';

export interface Request {
  readonly name: string;
  readonly seen: Seen;
  readonly first: Step;
  /** What is different when its client was told to try again. */
  readonly toldToRetry: (world: World) => World;
}

/** A request on its way: the step that comes next, and what it has told so far. */
interface Pending {
  readonly request: Request;
  readonly step: Step;
  readonly told: readonly string[];
}

const keyOf = ({ request, step, told }: Pending): string => [request.name, step.name, ...told].join('/');

function beginsWith(all: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((each, i) => all[i] === each);
}

/** Whether it stopped on its way. */
function isBroken(seen: Seen): boolean {
  return !('answer' in seen) && !seen.isLost;
}

/** A request that stopped may have done so after any step, before it could tell. */
function agrees({ seen }: Request, told: readonly string[], progress: Progress): boolean {
  if (isBroken(seen)) return beginsWith(told, seen.events);
  const isSame = seen.isLost || isDeepStrictEqual(progress.answer, seen.answer);
  return isSame && isDeepStrictEqual(told, seen.events);
}

/** After one more step of one request: what is left, for each way that agrees with what was seen. */
function* advance(world: World, one: Pending, others: readonly Pending[]): Generator<[World, readonly Pending[]]> {
  for (const progress of one.step.take(world)) {
    if (one.request.seen.isVoid && progress.world !== world) continue; // what was given up on does not happen later
    const told = [...one.told, ...progress.events];
    if (progress.next) yield [progress.world, [...others, { ...one, step: progress.next, told }]];
    else if (agrees(one.request, told, progress)) yield [one.request.toldToRetry(progress.world), others];
  }
  const { seen, toldToRetry } = one.request;
  if (isBroken(seen) && beginsWith(one.told, seen.events)) yield [toldToRetry(world), others]; // it goes no further
}

/** The worlds in which all of it may have happened; none, when it cannot be explained. */
export function explain(worlds: readonly World[], requests: readonly Request[]): readonly World[] {
  const found = new Map<string, World>();
  const tried = new Set<string>();
  const search = (world: World, pending: readonly Pending[]): void => {
    const text = JSON.stringify(world);
    const key = [text, ...pending.map(keyOf).sort()].join('\n');
    if (tried.has(key)) return;
    tried.add(key);
    if (pending.length === 0) found.set(text, world);
    const seen = new Set<string>();
    pending.forEach((one, place) => {
      if (seen.has(keyOf(one))) return; // the same request in the same place goes the same way
      seen.add(keyOf(one));
      for (const [next, left] of advance(world, one, pending.toSpliced(place, 1))) search(next, left);
    });
  };
  const pending = requests.map((request): Pending => ({ request, step: request.first, told: [] }));
  for (const world of worlds) search(world, pending);
  return [...found.values()];
}
