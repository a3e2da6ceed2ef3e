/** Clients that register themselves by RFC 7591 and RFC 7592. Disabled, unless the configuration says who may register. */
import { timingSafeEqual } from 'node:crypto';
import { type ClientRegistry, clientRegistration, OAuth2Error, type Plug, registeredClients } from 'koauthorize';
import { hashClientSecret } from 'koauthorize/client-auth';
import type { App, Clients } from './clients.js';
import type { Config } from './config.js';
import { isName } from './names.js';
import type { Storage } from './storage/index.js';
import type { User } from './users.js';

const MOST = 1000;

/** Opens the store of such clients, which is the store of the tokens. */
export const openRegistered = ({ tokens }: Storage): ClientRegistry => registeredClients(tokens, { most: MOST });

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashClientSecret(one)), Buffer.from(hashClientSecret(other)));
}

function invalid(message: string): OAuth2Error {
  return new OAuth2Error(message, 'invalid_client_metadata', undefined, 400);
}

/** The extension for client registration, by the configuration. */
export function dynamicRegistration(
  { registration }: Config,
  registered: ClientRegistry,
  { isTaken }: Pick<Clients, 'isTaken'>,
): Plug<App, User> {
  const access =
    registration.kind === 'by token'
      ? { initialAccess: (token: string) => isSame(token, registration.token) }
      : { allowAnyone: registration.kind === 'anyone' };
  return clientRegistration({
    clients: registered,
    ...access,
    sameHost: true, // so that a client cannot show the logo of another company
    // the name must be fit for the consent page, and must not look like that of a client in seed.json
    review(metadata) {
      const { client_name: name = '' } = metadata;
      if (!isName(name)) throw invalid('client_name has 1 to 60 visible characters, and begins with a letter or digit');
      if (isTaken(name)) throw invalid('Another application has this client_name');
      return metadata;
    },
  });
}
