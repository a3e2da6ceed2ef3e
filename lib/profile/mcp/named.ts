/** Documents of clients, as the revision has them. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import type { ClientIDMetadataOptions, DocumentedClient } from '../../extension/client-id-metadata/options.js';

/** "Client ID Metadata Documents", implementation requirements: beside `client_id` and `redirect_uris`, a document has `client_name`, which the draft does not ask for. */
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
