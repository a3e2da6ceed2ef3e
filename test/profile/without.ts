/** Takes rules out of the profiles for a while: a test of a rule must miss it. */
import { FAPI_CIBA } from '../../lib/profile/fapi-ciba/clauses.js';
import { clausesOf } from '../../lib/profile/fapi2-message-signing/clauses.js';
import { MCP } from '../../lib/profile/mcp/clauses.js';
import { OAUTH_2_1 } from '../../lib/profile/oauth21/clauses.js';
import type { Rule } from '../../lib/profile/rule.js';

const ALL: ReadonlySet<Rule> = new Set(
  [...OAUTH_2_1, ...clausesOf({ requests: true, responses: true, introspection: true }), ...FAPI_CIBA, ...MCP].map(
    ({ rule }) => rule,
  ),
);

/** What of a rule refuses something. */
const WORKING = [
  'part',
  'configuration',
  'client',
  'assertion',
  'request',
  'tokenRequest',
  'tokens',
  'terms',
  'response',
] as const;

/** @param names of the rules */
export async function without<T>(names: readonly string[], run: () => Promise<T>): Promise<T> {
  const taken = [...ALL].filter(({ name }) => names.includes(name)).map((rule) => ({ rule, was: { ...rule } }));
  if (new Set(taken.map(({ rule }) => rule.name)).size < names.length)
    throw new Error(`No rule of ${names.join(', ')}`);
  for (const { rule } of taken) for (const member of WORKING) Reflect.deleteProperty(rule, member);
  try {
    return await run();
  } finally {
    for (const { rule, was } of taken) Object.assign(rule, was);
  }
}
