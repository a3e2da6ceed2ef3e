/** draft-ietf-oauth-client-id-metadata-document: `koauthorize/client-id-metadata`. */
export { type ClientFacts, clientFacts } from './facts.js';
export type { ClientIDMetadataOptions, DocumentedClient } from './options.js';
export { clientIDMetadata } from './server.js';
