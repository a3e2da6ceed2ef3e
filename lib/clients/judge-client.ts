/** Judges a client that wrote its own registration, whole, when the application has had its word. */
import type { Core } from '../core.js';

/** Where the registration comes from. */
export interface SelfRegistration<C> {
  /** The client as it was, where the registration replaces that one. */
  readonly earlier?: C | undefined;
  /** The URL of its document, where it stands in one: what is there can change at any time. */
  readonly document?: URL | undefined;
}

/** @throws OAuth2Error with a code of RFC 7591 §3.2.2, where an extension does not take the client */
export function judgeClient<C, U>({ extensions }: Core<C, U>, client: C, origin: SelfRegistration<C> = {}): void {
  for (const extension of extensions) extension.judgeClient?.(client, origin);
}
