/** The rules by which client-id-metadata refuses, for the operator. @see draft-ietf-oauth-client-id-metadata-document */
import type { RefusalRule } from '../../refusal-rule.js';

export const CLIENT_ID_METADATA_RULES: readonly RefusalRule[] = [
  {
    rule: 'client-document',
    error: 'unauthorized_client',
    says: /^(?:The document of this client is not valid: |client_id is a URL that cannot identify a client$)/,
    section: 'draft-ietf-oauth-client-id-metadata-document §3, §4, §5',
    remedy: 'Correct the client_id, or the document that it leads to; the reason says what is wrong.',
  },
];
