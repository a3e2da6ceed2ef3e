/** Every MUST of the revision is in a check, or in the list of those that cannot be seen from outside. */
import assert from 'node:assert/strict';
import { checks } from '../../../lib/testing/mcp/checks.js';
import { requirements } from './requirements/requirements.js';

/**
 * How often MUST, MUST NOT or REQUIRED binds somebody in each section of the four authorization pages of the revision 2026-07-28, counted by hand. One
 * sentence of Token Handling ("accept or transit") is two requirements. One MUST of Authorization Response Validation tells of a future revision, and
 * binds nobody.
 */
const SECTIONS: Readonly<Record<string, number>> = {
  'Protocol Requirements': 1,
  Overview: 5,
  'Authorization Server Discovery': 1,
  'Client Registration': 1,
  'Scope Selection Strategy': 2,
  'Authorization Response Validation': 5,
  'Resource Parameter Implementation': 4,
  'Canonical Server URI': 1,
  'Token Requirements': 4,
  'Token Handling': 8,
  'Refresh Tokens': 2,
  'Error Handling': 1,
  'Step-Up Authorization Flow': 1,
  'Security Considerations': 3, // one of the overview, and two before the first section of the page
  'Authorization Server Location': 4,
  'Protected Resource Metadata Discovery Requirements': 4,
  'Authorization Server Metadata Discovery': 7,
  'Implementation Requirements': 8,
  'Application Type and Redirect URI Constraints': 2,
  'Authorization Server Binding': 3,
  'Token Audience Binding and Validation': 2,
  'Token Theft': 2,
  'Communication Security': 3,
  'Authorization Code Protection': 8,
  'Open Redirection': 3,
  'Client ID Metadata Document Security': 1,
  'Localhost Redirect URI Risks': 1,
  'Confused Deputy Problem': 1,
  'Access Token Privilege Restriction': 6,
};

describe('requirements of the MCP authorization revision', () => {
  const examined = new Set(checks.flatMap((check) => check.requirements));

  it('are as many in each section as the revision has', () => {
    const counts = new Map<string, number>();
    for (const { section } of requirements) counts.set(section, (counts.get(section) ?? 0) + 1);
    assert.deepEqual(Object.fromEntries(counts), SECTIONS);
  });

  it('have IDs of their own', () => {
    assert.equal(new Set(requirements.map(({ id }) => id)).size, requirements.length);
  });

  it('are each in a check, or in the list of what is not seen, with the reason, and in one of the two only', () => {
    const wrong = requirements.filter(({ id, unseen }) => examined.has(id) === (unseen !== undefined));
    assert.deepEqual(wrong, []);
    for (const { id, unseen } of requirements) assert.ok(unseen === undefined || unseen.length > 20, id);
  });

  it('are all that checks name, and what binds clients is in none of them', () => {
    const known = new Map(requirements.map((each) => [each.id, each]));
    for (const id of examined) assert.notEqual(known.get(id)?.binds ?? 'client', 'client', id);
  });

  it('are each in a check of the level MUST', () => {
    const strict = new Set(checks.filter(({ level }) => level === 'MUST').flatMap((check) => check.requirements));
    const lax = [...examined].filter((id) => !strict.has(id));
    assert.deepEqual(lax, []);
  });
});
