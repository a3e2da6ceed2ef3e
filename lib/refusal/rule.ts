/** Finds the rule of a refusal. The rules themselves are in other files: each specification has its own list. */
import type { OAuth2Error } from '../errors/oauth2-error.js';
import type { RefusalRule } from '../refusal-rule.js';

/** The rule of a code that is in no list: a code of the application. RFC 6749 §8.5 */
function unknown(error: string): RefusalRule {
  const remedy = 'The application that runs this server refuses this by a rule of its own: ask its operator.';
  return { rule: error || 'unnamed', error, section: 'RFC 6749 §8.5', remedy };
}

/** The rule of an error: the first that has its code and its message. */
export function ruleOf(
  { code, message }: Pick<OAuth2Error, 'code' | 'message'>,
  rules: readonly RefusalRule[],
): RefusalRule {
  return rules.find(({ error, says }) => error === code && (says?.test(message) ?? true)) ?? unknown(code);
}
