/** The URLs at which clients register, and manage their registrations. */
import type { Core } from '../../core.js';

export const REGISTRATION = { name: 'registration', path: '/register' } as const;
export const CONFIGURATION = { name: 'client_configuration', path: '/register/client' } as const;

function urlOf<C, U>({ issuer = '', locations }: Core<C, U>, { name, path }: { name: string; path: string }): string {
  return locations.url(locations.of(name, path), name, issuer);
}

export function registrationURL<C, U>(core: Core<C, U>): string {
  return urlOf(core, REGISTRATION);
}

/** The URL that a client is given to manage its registration. It is complete, so that the client need not construct it. @see RFC 7592 §3, appendix B */
export function configurationURL<C, U>(core: Core<C, U>, clientID: string): string {
  const url = new URL(urlOf(core, CONFIGURATION));
  url.searchParams.set('client_id', clientID);
  return url.href;
}
