/**
 * What is kept with a record, so that a store that loses a part of it is found out. A check is skipped where the member is absent that it
 * looks at, so a member that a store drops would open what it restricts: a token that is bound to a key would be good for anyone.
 */
import { Reason } from '../errors/reason.js';
import { pathsIn } from './paths.js';

type Members = Readonly<Record<string, unknown>>;

/** What is kept, with the paths of all that there is. */
export interface Listed {
  readonly members: string;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

/** All members except those with these names. A rest pattern in destructuring takes twice as long. */
export function without(value: object, names: ReadonlySet<string>): Record<string, unknown> {
  const left: Record<string, unknown> = {};
  const all = value as Members;
  for (const name in all) if (!names.has(name)) left[name] = all[name];
  return left;
}

function sorted(paths: string): string {
  return paths.split(',').sort().join();
}

/** Whether two lists have the same paths. A store may give members back in another order. */
function areSame(one: unknown, other: string): boolean {
  return one === other || (typeof one === 'string' && sorted(one) === sorted(other));
}

/**
 * Data to be stored, with the paths of its members: in the form that 0.1.0 reads.
 *
 * @param data an object that was made for this: the list is added to it
 */
export function listed<T extends object>(data: T): T & Listed {
  const kept = Object.assign(data, { members: '' });
  kept.members = pathsIn(kept as unknown as Members);
  return kept;
}

/**
 * The same for data with members that 0.1.0 does not know. It would drop them when it refreshes, and leave out the checks that need them,
 * so it finds nothing here that it could read, and answers `server_error`.
 */
export function extended(data: object): { readonly extended: Listed } {
  return { extended: listed(data) };
}

/** What is kept of a record, in either form, and not looked at yet. */
export function keptIn(data: unknown): Members | undefined {
  const kept = isObject(data) && 'extended' in data ? data['extended'] : data;
  return isObject(kept) ? kept : undefined;
}

/**
 * The data of a record as it was put, with the list of its members. What 0.1.0 stored has no list, and is taken as it is.
 *
 * @param refusal what the error says
 * @throws Error where the members are not those that were put
 */
export function complete(data: unknown, refusal: string): Members {
  const kept = keptIn(data);
  if (!kept) throw new Error(refusal);
  const { members } = kept;
  if (members === undefined && kept === data) return kept;
  const found = pathsIn(kept);
  if (areSame(members, found)) return kept;
  const cause = new Reason('The store did not give back what was put', { put: members, found });
  throw new Error(refusal, { cause });
}
