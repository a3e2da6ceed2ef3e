import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import { FETCH_RELAXATIONS } from '../../keys/fetch-jwks.js';
import type { ClientRegistrationOptions } from './options.js';

const RELAXATIONS: Relaxations<ClientRegistrationOptions> = {
  allowAnyone: {
    why: 'A stranger chooses the name and the URLs of a client that users are asked about, and can fill the storage',
    section: 'RFC 7591 §5',
    remedy: 'Ask for an initial access token (initialAccess), or limit the requests of each address',
  },
  schemes: {
    why: 'Another program on the user’s machine may have the same scheme, and receive the code',
    section: 'RFC 8252 §7.1',
    remedy: 'Have native programs register a scheme that is a reversed domain name, or a loopback address',
  },
  keepUnknownMembers: {
    why: 'Members that no extension has checked are stored and returned: a page that shows one shows a text of a stranger',
    section: 'RFC 7591 §2',
    remedy: 'Leave it out, and add members of your own in review',
  },
};

/** The protections that the options give up. */
export function findingsOfOptions(options: ClientRegistrationOptions): readonly Finding[] {
  return [
    ...relaxationsOf('clientRegistration', options, RELAXATIONS),
    ...relaxationsOf('clientRegistration: softwareStatements', options.softwareStatements, FETCH_RELAXATIONS),
  ];
}
