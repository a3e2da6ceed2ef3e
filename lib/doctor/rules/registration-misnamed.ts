import type { ExaminedClient } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** Wrong names of members of a registration, and the names of RFC 7591 §2 that are meant. */
const MEANT: Readonly<Record<string, string>> = {
  redirect_uri: 'redirect_uris',
  grant_type: 'grant_types',
  response_type: 'response_types',
};

/** Redirect URIs that the server finds by `createServer({ redirectURIs })` need not be in the registration. */
function isMissing({ registration, redirectURIs }: ExaminedClient, name: string): boolean {
  if (name === 'redirect_uris' && redirectURIs.length > 0) return false;
  return Reflect.get(registration, name) === undefined;
}

export const registrationMisnamed: DoctorRule = {
  name: 'registrationMisnamed',
  severity: 'error',
  finds:
    'redirect_uri, grant_type and response_type in registrations, in place of redirect_uris, grant_types and response_types',
  looksAt: ['clients'],
  why: 'A member with another name is ignored: without redirect_uris the client gets no code, and without grant_types it is not restricted to any',
  section: 'RFC 7591 §2',
  remedy: "Use the plural name, with a list: redirect_uris: ['https://client.example/callback']",
  examine({ clients }) {
    return clients?.flatMap((client) =>
      Object.entries(MEANT).flatMap(([wrong, meant]) =>
        Reflect.get(client.registration, wrong) !== undefined && isMissing(client, meant)
          ? [`${client.id} registered ${wrong}, and no ${meant}`]
          : [],
      ),
    );
  },
};
