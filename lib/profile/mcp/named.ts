/** Client ID metadata documents, with the further rule of the revision. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import type { ClientIDMetadataOptions, DocumentedClient } from '../../extension/client-id-metadata/options.js';

/**
 * Refuses documents without `client_name`. The revision ("Client ID Metadata Documents", implementation requirements) requires it besides `client_id` and
 * `redirect_uris`; the draft of client ID metadata documents does not.
 */
export function withNames<C>(documents: ClientIDMetadataOptions<C>): ClientIDMetadataOptions<C> {
  const { client = (registration: DocumentedClient) => registration as unknown as C } = documents;
  return {
    ...documents,
    client(registration) {
      if (!registration.client_name?.trim()) throw invalidMetadata('client_name is missing');
      return client(registration);
    },
  };
}
