/** The rules by which scopes refuses, for the operator. @see RFC 6749 §3.3 */
import type { RefusalRule } from '../../refusal-rule.js';

export const SCOPES_RULES: readonly RefusalRule[] = [
  {
    rule: 'scope-unknown',
    error: 'invalid_scope',
    says: /^(?:Unknown scope: |No word of the scope |Scope was not asked for: |The client registered no word )/,
    section: 'RFC 6749 §3.3',
    remedy: 'Add the word to scopes([...]), or have the client ask for words that the metadata lists.',
  },
];
