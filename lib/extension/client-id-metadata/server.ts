/** draft-ietf-oauth-client-id-metadata-document-03: OAuth Client ID Metadata Document. */

import type { Core, Plug } from '../../core.js';
import { relaxationsOf } from '../../findings.js';
import type { Client } from '../../types.js';
import { usableMethods } from './document.js';
import { Documents } from './documents.js';
import { KnownClients } from './known.js';
import { type ClientIDMetadataOptions, RELAXATIONS, requireOptions } from './options.js';
import { CLIENT_ID_METADATA_RULES } from './refusals.js';
import { isURLOfClient } from './url.js';

declare module '../../types.js' {
  interface ServerMetadata {
    readonly client_id_metadata_document_supported?: boolean;
  }
}

const NINETY_DAYS = 90 * 24 * 3600;

/** @throws Error if clients with a document could not authenticate: the metadata would announce a feature that always fails */
function requireMethods<C, U>(core: Core<C, U>): void {
  if (usableMethods(core).length > 0) return;
  throw new Error(
    'clientIDMetadata() needs none() or privateKeyJwt() among the methods of clientAuthentication({ server, methods })',
  );
}

/**
 * Accepts clients that nobody has registered: their identifier is the https URL of a document with their registration, which the server fetches when an
 * authorization request names it. Every extension checks the document as it checks a registration. It is fetched by `publicFetch()`, within limits and without
 * redirects; it is kept for as long as its headers say, within limits; errors are not kept.
 *
 * A document is fetched for the first time at the authorization endpoint or the pushed authorization request endpoint. At all other endpoints it is fetched
 * only for clients to which a user has given consent; any other URL is an unknown client there, and is not fetched.
 *
 * The dialog must show the host of the client, and the host that the response is sent to: `clientFacts(txn)`.
 *
 * @throws TypeError for invalid options
 * @throws Error before the first request, if no authentication method suits such clients, or if there is no store
 * @example
 * server.extend(clientIDMetadata({ trusts: ({ hostname }) => !blocked.has(hostname) }));
 * clientAuthentication({ server, methods: [none(), privateKeyJwt()] });
 * @see draft-ietf-oauth-client-id-metadata-document-03
 */
export function clientIDMetadata<C = Client, U = unknown>(options: ClientIDMetadataOptions<C> = {}): Plug<C, U> {
  requireOptions(options);
  const { rememberedFor = NINETY_DAYS, store, allowRegisteredURLs } = options;
  return (core) => {
    const known = new KnownClients(core, rememberedFor, store);
    const documents = new Documents(core, options, known);
    const remember = async (clientID: string | undefined): Promise<undefined> => {
      if (clientID !== undefined && isURLOfClient(clientID)) await known.remember(clientID);
    };
    /** With `allowRegisteredURLs`, the operator may have registered a client under a URL: then it has no document here. */
    const isOfDocument = (id: string): boolean =>
      isURLOfClient(id) && (allowRegisteredURLs !== true || documents.has(id));
    return {
      name: 'clientIDMetadata',
      spec: 'draft-ietf-oauth-client-id-metadata-document-03',
      refusals: CLIENT_ID_METADATA_RULES,
      client: async (id, lookup) => (isURLOfClient(id) ? documents.find(id, lookup) : undefined),
      madeByAnyone: (client) => isOfDocument(core.clientID(client) ?? ''),
      ownsClientID: (id) => isURLOfClient(id) && allowRegisteredURLs !== true,
      authorization: { respond: async ({ req }, { error }) => (error ? undefined : remember(req.clientID)) },
      token: { respond: (_response, { client }) => remember(core.clientID(client)) },
      metadata: () => ({ client_id_metadata_document_supported: true }), // draft §6
      findings: () => relaxationsOf('clientIDMetadata', options, RELAXATIONS),
      ready() {
        requireMethods(core);
        void known.store; // throws if there is none
      },
    };
  };
}
