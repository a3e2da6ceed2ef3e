/**
 * Detects a store that loses a part of a record. An absent member restricts nothing, so a store that drops a member would remove a restriction: a token
 * that is bound to a key would become valid for anyone. Each record therefore contains the list of its members.
 */
import { Reason } from '../errors/reason.js';
import { pathsIn } from './paths.js';

type Members = Readonly<Record<string, unknown>>;

/** Data with the list of the paths of all its members. */
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
 * Adds the list of the paths of its members to data that is stored, in the form that version 0.1.0 reads.
 *
 * @param data a new object, which is changed: the list is added to it
 */
export function listed<T extends object>(data: T): T & Listed {
  const kept = Object.assign(data, { members: '' });
  kept.members = pathsIn(kept as unknown as Members);
  return kept;
}

/**
 * The same for data with members that version 0.1.0 does not know. That version would drop them at a refresh, and skip the checks that need them. So the
 * data has a form that it cannot read: it answers `server_error`.
 */
export function extended(data: object): { readonly extended: Listed } {
  return { extended: listed(data) };
}

/** The data of a record in either form, without comparing it with its list. */
export function keptIn(data: unknown): Members | undefined {
  const kept = isObject(data) && 'extended' in data ? data['extended'] : data;
  return isObject(kept) ? kept : undefined;
}

/**
 * The data of a record, compared with the list of its members. Records of version 0.1.0 have no list, and are accepted without the comparison.
 *
 * @param refusal the message of the error
 * @throws Error if the members are not those that were stored
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
