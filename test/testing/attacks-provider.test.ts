/** The attacks of OpenID Connect, on resources, on clients that sign and on an API that introspects, against the toolkit's own extensions. */
import assert from 'node:assert/strict';
import { formatReports, runAttacks } from 'koauthorize/testing';
import { clientAssertionAttacks } from '../../lib/testing/attack/assertion/client.js';
import { backchannelAttacks } from '../../lib/testing/attack/backchannel/attacks.js';
import { openidAttacks } from '../../lib/testing/attack/openid-attacks.js';
import { startAttackedProvider } from '../support/attacked-provider.js';

const only = [
  ...[...openidAttacks, ...clientAssertionAttacks, ...backchannelAttacks].map(({ name }) => name),
  ...['resource-swap', 'audience-widening', 'dpop-at-introspecting-api'],
];

describe('attacks on an OpenID Provider, on tokens for several APIs on clients that sign, and on users who are asked on their own device', () => {
  for (const [accessTokens, skipped] of [
    ['JWTs', []],
    ['opaque', ['access-token-as-id-token']],
  ] as const)
    it(`are withstood by the toolkit, every one, where access tokens are ${accessTokens}`, async () => {
      const { target, stop } = await startAttackedProvider({ accessTokens });
      try {
        const reports = await runAttacks(target, { only });
        const fallen = reports.filter(({ outcome }) => outcome !== 'withstood');
        assert.deepEqual(
          fallen.map(({ name, outcome }) => [name, outcome]),
          skipped.map((name) => [name, 'skipped']),
          formatReports(fallen),
        );
      } finally {
        await stop();
      }
    }).timeout(60_000);
});
