/**
 * What is kept with a record, so that a store that loses a part of it is found out. A check is skipped where the member is absent that it
 * looks at, so a member that a store drops would open what it restricts: a token that is bound to a key would be good for anyone.
 */
import { Reason } from '../errors/reason.js';

type Members = Readonly<Record<string, unknown>>;

/** What is kept, with the names of all that there is. */
interface Listed {
  readonly members: string;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

/** The names of the members at every depth, sorted: a store may give them back in another order. */
function namesIn(value: Members): string {
  let names = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) names += isObject(member) ? `${name}{${namesIn(member)}},` : `${name},`; // JSON leaves undefined out
  }
  return names;
}

/** Data to be stored, with the names of its members: in the form that 0.1.0 reads. */
export function listed<T extends object>(data: T): T & Listed {
  const kept = Object.assign({ members: '' }, data);
  kept.members = namesIn(kept as unknown as Members);
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
 * The data of a record as it was put. What 0.1.0 stored has no list of its members, and is taken as it is.
 *
 * @param refusal what the error says
 * @throws Error where the members are not those that were put
 */
export function complete(data: unknown, refusal: string): Members {
  const kept = keptIn(data);
  if (!kept) throw new Error(refusal);
  const { members, ...rest } = kept;
  if (members === undefined && kept === data) return rest;
  const found = namesIn(kept);
  if (members !== found) {
    const cause = new Reason('The store did not give back what was put', { put: members, found });
    throw new Error(refusal, { cause });
  }
  return rest;
}
