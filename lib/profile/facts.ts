/** What the profiles of a server require of its clients, for the extensions that profiles plug in. */
import { restricts } from '../clients/member.js';
import type { Core } from '../core.js';
import type { Confirmation } from '../types.js';

/** How access tokens are bound to a key: by DPoP (RFC 9449), by the client's certificate (RFC 8705), or by the one of the two that the client registered. */
export type Binding = 'dpop' | 'mtls' | 'either';

/** What a profile requires of its clients. */
export interface ProfileFacts<C> {
  /** Whether the profile applies to a client. */
  appliesTo(client: C): boolean;
  readonly binding?: Binding | undefined;
  /** Whether a client may leave out the code challenge. */
  mayMissChallenge?(client: C): boolean;
}

declare module '../core.js' {
  interface Extension<C, U> {
    /** What a profile requires of its clients. Absent in extensions that are not profiles. */
    readonly profile?: ProfileFacts<C>;
  }
}

/**
 * Which clients a profile applies to. Default: all.
 *
 * @param what names the profile
 * @throws TypeError if it is not a function; and at the request, if it does not return a boolean: a promise would count as true, and undefined as false
 */
export function applying<C>(appliesTo: ((client: C) => boolean) | undefined, what: string): (client: C) => boolean {
  if (appliesTo === undefined) return () => true;
  if (typeof appliesTo !== 'function') throw new TypeError(`${what}({ appliesTo }) is a function of a client`);
  return (client) => {
    const applies: unknown = appliesTo(client);
    if (typeof applies !== 'boolean')
      throw new TypeError(`${what}({ appliesTo }) must return true or false, not a promise`);
    return applies;
  };
}

function profilesOf<C, U>({ extensions }: Core<C, U>, client: C): readonly ProfileFacts<C>[] {
  return extensions.flatMap(({ profile }) => (profile?.appliesTo(client) ? [profile] : []));
}

/** Whether a client may leave out the code challenge: only if all of its profiles allow it. */
export function mayMissChallenge<C, U>(core: Core<C, U>, client: C): boolean {
  const profiles = profilesOf(core, client);
  return profiles.length > 0 && profiles.every((profile) => profile.mayMissChallenge?.(client) === true);
}

const CERTIFICATE = 'tls_client_certificate_bound_access_tokens';

/** The member of `cnf` that a client's access tokens must have under the option `binding`. */
export function requiredBinding<C>(binding: Binding | undefined, client: C): keyof Confirmation | undefined {
  if (binding !== 'either') return binding && { dpop: 'jkt' as const, mtls: 'x5t#S256' as const }[binding];
  return restricts(client, CERTIFICATE) ? 'x5t#S256' : 'jkt';
}
