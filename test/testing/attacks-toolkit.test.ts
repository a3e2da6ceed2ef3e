/** Attacks on sessions, scopes and other clients, on pushed and signed requests, signed responses, DPoP, assertions, exchanges, devices and registrations, against the toolkit's own extensions. */
import assert from 'node:assert/strict';
import { formatReports, runAttacks } from 'koauthorize/testing';
import { assertionAttacks } from '../../lib/testing/attack/assertion/attacks.js';
import { deviceAttacks } from '../../lib/testing/attack/device/attacks.js';
import { exchangeAttacks } from '../../lib/testing/attack/exchange-attacks.js';
import { registrationAttacks } from '../../lib/testing/attack/registration/attacks.js';
import { signedAttacks } from '../../lib/testing/attack/signed-attacks.js';
import { startAttacked } from '../support/attacked-server.js';

/** Attacks with what was given to another client, or before the login. */
const CROSSING = [
  'session-fixation',
  'dialog-read-by-script',
  'code-of-another-client',
  'refresh-of-another-client',
  'scope-widening',
  'scope-at-exchange',
];

const only = [
  ...[...signedAttacks, ...assertionAttacks, ...deviceAttacks, ...registrationAttacks].map(({ name }) => name),
  ...CROSSING,
];

describe('attacks on sessions, requests, tokens, grants and devices', () => {
  for (const [what, options] of [
    ['without nonces', {}],
    ['with nonces', { nonces: true }],
  ] as const)
    it(`are withstood by the toolkit, every one, ${what}`, async () => {
      const { target, stop } = await startAttacked(options);
      try {
        const reports = await runAttacks(target, { only });
        const fallen = reports.filter(({ outcome }) => outcome !== 'withstood');
        assert.deepEqual(fallen, [], formatReports(fallen));
      } finally {
        await stop();
      }
    }).timeout(60_000);

  it('on exchanges of tokens are withstood by the toolkit, every one', async () => {
    const { target, stop, wait } = await startAttacked();
    try {
      const reports = await runAttacks({ ...target, wait }, { only: exchangeAttacks.map(({ name }) => name) });
      const fallen = reports.filter(({ outcome }) => outcome !== 'withstood');
      assert.deepEqual(fallen, [], formatReports(fallen));
    } finally {
      await stop();
    }
  }).timeout(60_000);
});
