/** Which clients strangers can make, and in whose name they can send requests. */
import type { Core } from '../core.js';
import { isPublicClient } from './registration.js';

declare module '../core.js' {
  interface Extension<C, U> {
    /** Whether anybody could have made this client, whom the operator did not choose: it registered itself, or its identifier is the URL of a document. */
    madeByAnyone?(client: C): boolean;
  }
}

/** Whether anybody could have made a client: a stranger can then authenticate as a client of their own. */
export function isMadeByAnyone<C, U>({ extensions }: Core<C, U>, client: C): boolean {
  return extensions.some((extension) => extension.madeByAnyone?.(client) === true);
}

/** Whether strangers can send requests as this client: it is public, or a stranger could have made it. */
export function isOpenToStrangers<C, U>(
  core: Core<C, U>,
  who: { readonly client: C; readonly authMethod?: string | undefined },
): boolean {
  return isPublicClient(who) || isMadeByAnyone(core, who.client);
}
