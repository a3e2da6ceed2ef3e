/** Whose access tokens must be bound to a key. */
import type { Core } from '../core.js';
import type { Confirmation } from '../types.js';
import { restricts } from './member.js';

declare module '../core.js' {
  interface Extension<C, U> {
    /** The member of `cnf` that all access tokens of a client must have, whichever extension binds them: what a profile asks of its clients. */
    requiredBinding?(client: C): keyof Confirmation | undefined;
  }
}

/** A way to bind tokens. */
export interface WayToBind {
  /** The member of `cnf`. */
  readonly member: keyof Confirmation;
  /** The member of a registration by which a client asks for it. */
  readonly registered: string;
}

/** Whether a client's access tokens must be bound in this way: it registered so, or an extension requires it of the client. */
export function mustBeBound<C, U>({ extensions }: Core<C, U>, client: C, { member, registered }: WayToBind): boolean {
  return (
    restricts(client, registered) || extensions.some(({ requiredBinding }) => requiredBinding?.(client) === member)
  );
}
