/** The rules by which client-id-metadata refuses, for the operator. @see draft-ietf-oauth-client-id-metadata-document */
import type { RefusalRule } from '../../refusal-rule.js';

export const CLIENT_ID_METADATA_RULES: readonly RefusalRule[] = [
  {
    rule: 'client-document',
    error: 'invalid_client_metadata',
    section: 'draft-ietf-oauth-client-id-metadata-document §4',
    remedy: 'Correct the document at the client_id; the reason says what is wrong with it.',
  },
];
