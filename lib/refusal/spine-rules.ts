import type { RefusalRule } from '../refusal-rule.js';
import { ANY_RULES } from './rules/any.js';
import { DIALOG_RULES } from './rules/dialog.js';
import { TOKEN_RULES } from './rules/token.js';

/** The rules of RFC 6749. Rules for one message come before rules for all messages of a code. */
export const SPINE_RULES: readonly RefusalRule[] = [...DIALOG_RULES, ...TOKEN_RULES, ...ANY_RULES];
