/** The requirements of the page Client Registration of the revision, by section. */
import { binds, type Requirement } from './requirement.js';

export const registration: readonly Requirement[] = [
  binds(
    'documents.1',
    'Implementation Requirements',
    'everyone',
    'Software that supports documents of clients follows the draft',
  ),
  binds('documents.2', 'Implementation Requirements', 'client', 'Clients serve their document over https'),
  binds('documents.3', 'Implementation Requirements', 'client', 'The identifier is an https URL with a path'),
  binds(
    'documents.4',
    'Implementation Requirements',
    'client',
    'The document has client_id, client_name and redirect_uris',
  ),
  binds(
    'documents.5',
    'Implementation Requirements',
    'client',
    'Clients put the URL of the document into its client_id',
  ),
  binds(
    'documents.6',
    'Implementation Requirements',
    'authorization server',
    'The client_id of the document is compared with its URL',
  ),
  binds(
    'documents.7',
    'Implementation Requirements',
    'authorization server',
    'The redirect URI of a request is compared with those of the document',
  ),
  binds(
    'documents.8',
    'Implementation Requirements',
    'authorization server',
    'The document is JSON, and has what it needs',
  ),
  binds(
    'application.1',
    'Application Type and Redirect URI Constraints',
    'client',
    'Clients that register say their application_type',
  ),
  binds(
    'application.2',
    'Application Type and Redirect URI Constraints',
    'client',
    'Clients handle a refused registration',
  ),
  binds(
    'binding.1',
    'Authorization Server Binding',
    'client',
    'Clients keep their credentials under the issuer that gave them',
  ),
  binds(
    'binding.2',
    'Authorization Server Binding',
    'client',
    'Clients use no credentials of another authorization server',
  ),
  binds(
    'binding.3',
    'Authorization Server Binding',
    'client',
    'Clients register anew where the authorization server has changed',
  ),
];
