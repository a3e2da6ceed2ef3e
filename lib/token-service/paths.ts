/**
 * The paths of the members of an object, as text. Most records have one of a few lists of paths, and to make one from pieces of text takes longer than to
 * store the record in memory. So the lists that were made are kept in a tree: the names of an object's members, in their order, lead to its list.
 */
type Members = Readonly<Record<string, unknown>>;

/** Where the members that came so far have led. */
interface Step {
  /** By the name or the index of the next member of the same object. */
  readonly next: Map<string | number, Step>;
  /** Where the member is an object: before its first member. */
  inside: Step | undefined;
  /** Where that object has ended. */
  outside: Step | undefined;
  /** The list of all objects whose members lead here. */
  list: string | undefined;
}

/** The number of steps that are kept, and the length of each name and of each list. Without these bounds clients could fill the memory: some of them decide which members a record has. */
const MOST = 5000;
const LONGEST_NAME = 100;
const LONGEST = 2000;

function stepWithout(): Step {
  return { next: new Map(), inside: undefined, outside: undefined, list: undefined };
}

const first = stepWithout();
let steps = 0;

/** @returns undefined where there is no room for one more */
function newStep(): Step | undefined {
  if (steps >= MOST) return undefined;
  steps += 1;
  return stepWithout();
}

function addStep(from: Step, name: string | number): Step | undefined {
  const step = typeof name === 'string' && name.length > LONGEST_NAME ? undefined : newStep();
  if (step) from.next.set(name, step);
  return step;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

function passMember(member: unknown, name: string | number, from: Step): Step | undefined {
  if (member === undefined) return from; // JSON leaves it out
  const step = from.next.get(name) ?? addStep(from, name);
  if (!step || !isObject(member)) return step;
  step.inside ??= newStep();
  const last = step.inside && passMembers(member, step.inside);
  if (last) last.outside ??= newStep();
  return last?.outside;
}

/** Where the members of an object lead. @returns undefined where that is not kept */
function passMembers(value: Members | readonly unknown[], from: Step): Step | undefined {
  let step: Step | undefined = from;
  // by index: with `for in`, V8 took twice as long for the paths of an access token
  if (Array.isArray(value)) {
    for (let index = 0; step && index < value.length; index++) step = passMember(value[index], index, step);
  } else {
    for (const name in value) if (step) step = passMember((value as Members)[name], name, step);
  }
  return step;
}

function write(value: Members | readonly unknown[], under: string): string {
  if (Array.isArray(value)) return value.map((member, index) => writeMember(member, `${under}${index}`)).join('');
  let paths = '';
  for (const name in value) paths += writeMember((value as Members)[name], `${under}${name}`);
  return paths;
}

function writeMember(member: unknown, path: string): string {
  if (member === undefined) return '';
  return isObject(member) ? `${path},${write(member, `${path}.`)}` : `${path},`;
}

/** The paths of the members at every depth, in the order in which they come. */
export function pathsIn(value: Members): string {
  const last = passMembers(value, first);
  if (last?.list !== undefined) return last.list;
  const list = write(value, '');
  if (last && list.length <= LONGEST) last.list = list;
  return list;
}
