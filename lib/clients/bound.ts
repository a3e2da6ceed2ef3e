/** Decides which clients' access tokens must be bound to a key. */
import type { Core } from '../core.js';
import type { Confirmation } from '../types.js';
import { restricts } from './member.js';

declare module '../core.js' {
  interface Extension<C, U> {
    /** The member of `cnf` that all access tokens of this client must have, whichever extension adds it. A profile sets it for its clients. */
    requiredBinding?(client: C): keyof Confirmation | undefined;
  }
}

/** A method of binding access tokens to a key. */
export interface WayToBind {
  /** The member of `cnf` that names the key. */
  readonly member: keyof Confirmation;
  /** The member of a client's registration that requires this method. */
  readonly registered: string;
}

/** Whether a client's access tokens must be bound by this method, because the client registered it, or an extension requires it. */
export function mustBeBound<C, U>({ extensions }: Core<C, U>, client: C, { member, registered }: WayToBind): boolean {
  return (
    restricts(client, registered) || extensions.some(({ requiredBinding }) => requiredBinding?.(client) === member)
  );
}
