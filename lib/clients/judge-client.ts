/** Judges a whole client that wrote its own registration, after the application's callback may have changed it. */
import type { Core, Extension } from '../core.js';
import { requireNoPromise } from '../promise.js';

/** The origin of the registration: the client that it replaces, or the document that it was read from, which can change at any time. */
export type SelfRegistration<C> = Parameters<NonNullable<Extension<C>['judgeClient']>>[1];

/** @throws OAuth2Error with a code of RFC 7591 §3.2.2, if an extension refuses the client; TypeError if its `judgeClient` gives a promise */
export function judgeClient<C, U>({ extensions }: Core<C, U>, client: C, origin: SelfRegistration<C> = {}): void {
  for (const extension of extensions)
    requireNoPromise(`judgeClient of ${extension.name}`, extension.judgeClient?.(client, origin));
}
