/** Judges a client that wrote its own registration, whole, when the application has had its word. */
import type { Core, Extension } from '../core.js';

/** Where the registration comes from: in place of which client, or from which document, that can change at any time. */
export type SelfRegistration<C> = Parameters<NonNullable<Extension<C>['judgeClient']>>[1];

/** @throws OAuth2Error with a code of RFC 7591 §3.2.2, where an extension does not take the client */
export function judgeClient<C, U>({ extensions }: Core<C, U>, client: C, origin: SelfRegistration<C> = {}): void {
  for (const extension of extensions) extension.judgeClient?.(client, origin);
}
