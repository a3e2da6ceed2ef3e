/** The table of what profiles forbid. */
import { FAPI_CIBA } from '../../lib/profile/fapi-ciba/clauses.js';
import { FAPI_2_0 } from '../../lib/profile/fapi2/clauses.js';
import { clausesOf } from '../../lib/profile/fapi2-message-signing/clauses.js';
import { RELAXED } from '../../lib/profile/legacy/options.js';
import { MCP } from '../../lib/profile/mcp/clauses.js';
import { OAUTH_2_1 } from '../../lib/profile/oauth21/clauses.js';
import type { Clause } from '../../lib/profile/rule.js';

/** The profiles, by what the application calls, with all that each may forbid. */
const PROFILES: ReadonlyMap<string, readonly Clause[]> = new Map([
  ['oauth21', OAUTH_2_1],
  ['fapi2', FAPI_2_0],
  ['fapi2MessageSigning', clausesOf({ requests: true, responses: true, introspection: true })],
  ['fapiCIBA', FAPI_CIBA],
  ['mcpProfile', MCP],
]);

/** A section with the document in as few letters as tell it from the others. */
function short(section: string): string {
  return section
    .replace('FAPI 2.0 Message Signing', 'Signing')
    .replace('MCP 2026-07-28, ', '')
    .replace('FAPI 2.0 ', '');
}

/** What each profile forbids, and where its document does; and the option of `legacy()` that allows it: the head of the table, and its rows. */
export function profilesTable(): readonly [head: readonly string[], rows: readonly (readonly string[])[]] {
  const all = [...PROFILES.values()].flat().reverse();
  // by what it forbids: the algorithms of one profile are not those of another
  const rules = [...new Map(all.map(({ rule }) => [rule.forbids, rule])).values()].reverse();
  const rows = rules.map(({ name, forbids }) => {
    const sections = [...PROFILES.values()].map(
      (clauses) => clauses.find(({ rule }) => rule.forbids === forbids)?.section ?? '',
    );
    const [option = ''] = Object.entries(RELAXED).find(([, rule]) => rule.name === name) ?? [];
    return [forbids, ...sections.map(short), option && `\`${option}\``];
  });
  return [['forbidden', ...[...PROFILES.keys()].map((name) => `\`${name}\``), 'allowed by `legacy({ ... })`'], rows];
}
