/** The attack suite, on a server that is sound, and on the same server with one flaw after another. */
import assert from 'node:assert/strict';
import {
  type AttackOptions,
  type AttackReport,
  type AttackTarget,
  attackSuite,
  formatReports,
  runAttacks,
} from 'koauthorize/testing';
import { attacks } from '../../lib/testing/attack/attacks.js';
import { backchannelAttacks } from '../../lib/testing/attack/backchannel/attacks.js';
import { deviceAttacks } from '../../lib/testing/attack/device/attacks.js';
import { exchangeAttacks } from '../../lib/testing/attack/exchange-attacks.js';
import { registrationAttacks } from '../../lib/testing/attack/registration/attacks.js';
import { FLAWS, type Flaw, startWeak, VARIANTS, type WeakOptions } from '../support/weak-server.js';

const names = attacks.map(({ name }) => name);

/** Attacks a weak server. @param change what the target is said to be */
async function attack(
  options: WeakOptions,
  only: readonly string[],
  change: (target: AttackTarget) => AttackTarget = (target) => target,
): Promise<readonly AttackReport[]> {
  const { target, stop } = await startWeak(options);
  try {
    return await runAttacks(change(target), { only });
  } finally {
    await stop();
  }
}

/** What falls with a flaw, besides the attack of its name: who can do the one can do the other. */
const ALSO: Partial<Record<Flaw, readonly string[]>> = {
  'open-redirect-by-error': ['redirect-uri-variants'],
  'decision-from-another-session': ['decision-after-user-switch'],
  'code-replay': ['code-replay-keeps-tokens', 'code-race', 'pkce-brute-force'],
  'pkce-wrong-verifier': ['pkce-brute-force'],
  'pkce-verifier-without-challenge': ['pkce-missing-challenge'],
  'device-code-replay': ['device-two-decisions'],
  'refresh-replay': ['refresh-replay-keeps-family', 'refresh-race'],
  'wrong-secret': ['client-enumeration', 'timing-of-secrets'], // where nothing is refused it cannot be told
  'no-secret': ['introspection-without-authentication', 'empty-secret', 'operator-injection'],
  'revocation-without-effect': ['exchange-of-ended-token', 'exchange-outlives-authorization'],
};

const SLOW = ['redirect-uri-variants', 'pkce-brute-force', 'timing-of-secrets'];

/** Of all attacks a few, unless ALL_ATTACKS asks for all: what falls with the flaw, and those that come next in the list. */
function others(flaw: Flaw): readonly string[] {
  if (process.env['ALL_ATTACKS']) return names;
  const next = [...names, ...names].slice(names.indexOf(flaw) + 1).filter((name) => !SLOW.includes(name));
  return [...(ALSO[flaw] ?? []), ...next.slice(0, 2)];
}

describe('attacks', function () {
  this.timeout(60_000); // some are a few hundred requests, which take long on a machine that has other work

  it('each has a flaw of its name, and each flaw an attack', () => {
    assert.deepEqual([...FLAWS].sort(), [...names].sort());
  });

  describe('on a sound server', () => {
    for (const name of names)
      it(`${name} is withstood`, async () => {
        const [report] = await attack({}, [name]);
        assert.equal(report?.outcome, 'withstood', report?.detail);
      });
  });

  describe('on a server with its flaw', () => {
    for (const flaw of [...FLAWS, ...VARIANTS])
      it(`${flaw} succeeds`, async () => {
        const [name = ''] = flaw.split(':');
        const [report] = await attack({ flaws: [flaw] }, [name]);
        assert.equal(report?.outcome, 'succeeded', report?.detail);
      });
  });

  describe('on a server with the flaw of another', () => {
    for (const flaw of FLAWS)
      it(`${flaw}: no more succeeds than must`, async () => {
        const reports = await attack({ flaws: [flaw] }, others(flaw));
        const fallen = reports.filter(({ name, outcome }) => name !== flaw && outcome !== 'withstood');
        const expected = names.filter((name) => ALSO[flaw]?.includes(name));
        assert.deepEqual(
          fallen.map(({ name }) => name),
          expected,
          formatReports(fallen),
        );
      });
  });

  describe('what cannot be told is not withstood', () => {
    const outcomes = (reports: readonly AttackReport[]) => new Set(reports.map(({ outcome }) => outcome));

    for (const refuses of ['/token', '/authorize', '/decision', '/login'])
      it(`of a server that refuses everything at ${refuses}`, async () => {
        const reports = await attack({ refuses }, names);
        assert.deepEqual([...outcomes(reports)], ['error'], formatReports(reports));
      });

    it('of a server that is down', async () => {
      const { target, stop } = await startWeak();
      await stop();
      assert.deepEqual([...outcomes(await runAttacks(target))], ['error']);
    });

    it('of a server that fails where it should refuse', async () => {
      const reports = await attack({ failsFor: 'invalid_grant' }, ['code-replay', 'pkce-wrong-verifier']);
      assert.deepEqual(
        reports.map(({ outcome, detail }) => [outcome, detail.split(':')[0]]),
        Array(2).fill(['error', 'The server failed']),
      );
    });

    it('of a server that counts guesses, once it has had enough', async () => {
      const tried = ['client-enumeration', 'wrong-secret', 'no-secret'];
      const reports = await attack({ guesses: 3 }, tried, (target) => ({ ...target, otherClient: undefined }));
      assert.deepEqual(
        reports.map(({ outcome, detail }) => [outcome, detail.split(':')[0]]),
        [
          ['withstood', ''],
          ['error', 'The server has counted too many guesses'],
          ['error', 'An honest exchange of the-client gives no token'],
        ],
      );
    });

    it('of a target that lacks what an attack needs', async () => {
      const reports = await attack({}, names, ({ issuer, client, login }) => ({
        issuer,
        endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
        client: { ...client, redirect_uris: undefined },
        login,
      }));
      const others = reports.filter(({ outcome }) => outcome !== 'withstood');
      assert.deepEqual(
        others.map(({ name, outcome, detail }) => [name, outcome, detail]),
        [
          ['redirect-uri-missing', 'skipped', 'no client with several redirect_uris'],
          ...['without-authentication', 'of-another-client', 'replay', 'beside'].map((what) => [
            `pushed-request-${what}`,
            'skipped',
            'there is no pushed_authorization_request endpoint',
          ]),
          ['request-object-of-another-client', 'skipped', 'there is no otherClient with a signing_key'],
          ['dpop-downgrade', 'skipped', 'there is no resource'],
          ['dpop-token-of-another-key', 'skipped', 'there is no resource'],
          ['dpop-refresh-of-another-key', 'skipped', 'there is no publicClient'],
          ['dpop-at-introspecting-api', 'skipped', 'there is no introspecting_resource'],
          ...['forgery', 'confusion', 'replay', 'of-another-client', 'of-another-issuer'].map((what) => [
            `assertion-grant-${what}`,
            'skipped',
            'the target has no assertions',
          ]),
          ...exchangeAttacks.map(({ name }) => [name, 'skipped', 'the target has no exchange']),
          ...['forgery', 'confusion', 'replay'].map((what) => [
            `client-assertion-${what}`,
            'skipped',
            'there is no assertionClient',
          ]),
          ['id-token-of-another-client', 'skipped', 'there is no other client'],
          ['id-token-as-access-token', 'skipped', 'there is no resource, no userinfo and no introspection endpoint'],
          ['userinfo-substitution', 'skipped', 'there is no userinfo endpoint'],
          ['subject-mismatch', 'skipped', 'the target has no loginOther'],
          ['decision-after-user-switch', 'skipped', 'the target has no loginOther'],
          ['logout-csrf', 'skipped', 'there is no end_session endpoint'],
          ['logout-open-redirect', 'skipped', 'there is no end_session endpoint'],
          ['resource-swap', 'skipped', 'the target has no resources'],
          ['audience-widening', 'skipped', 'the target has no resources'],
          ...deviceAttacks.map(({ name }) => [name, 'skipped', 'there is no device_authorization endpoint']),
          ...backchannelAttacks.map(({ name }) => [name, 'skipped', 'there is no backchannel_authentication endpoint']),
          ...registrationAttacks.map(({ name }) => [name, 'skipped', 'there is no registration endpoint']),
          ['code-of-another-client', 'skipped', 'there is no other client'],
          ['code-oracle', 'skipped', 'there is no otherClient'],
          ['refresh-of-another-client', 'skipped', 'there is no other client'],
          ['introspection-without-authentication', 'skipped', 'there is no introspection endpoint'],
          ['introspection-of-anothers-token', 'skipped', 'there is no introspection endpoint'],
          ['revocation-of-anothers-token', 'skipped', 'there is no revocation endpoint'],
          ['revocation-without-effect', 'skipped', 'there is no revocation endpoint'],
          ['client-confusion', 'skipped', 'there is no otherClient'],
        ],
      );
    });
  });

  it('secrets cannot be measured where guesses are counted', async () => {
    const [report] = await attack({ guesses: 3 }, ['timing-of-secrets']);
    assert.equal(report?.outcome, 'withstood', report?.detail);
    assert.match(report?.detail ?? '', /429/);
  });

  it('a spent refresh token may be answered again for as long as the target says, with the same answer', async () => {
    const tried = ['refresh-replay', 'refresh-replay-keeps-family'];
    const outcomes = async (...flaws: readonly Flaw[]) =>
      (await attack({ flaws, grace: 10 }, tried)).map(({ outcome }) => outcome);
    assert.deepEqual(await outcomes(), ['withstood', 'withstood']);
    assert.deepEqual(await outcomes('refresh-replay:again'), ['withstood', 'succeeded']);
    assert.deepEqual(await outcomes('refresh-replay-keeps-family'), ['withstood', 'succeeded']);
    assert.deepEqual(await outcomes('refresh-replay'), ['succeeded', 'succeeded']);
    const [undeclared] = await attack({ grace: 10 }, ['refresh-replay'], (target) => ({ ...target, grace: undefined }));
    assert.equal(undeclared?.outcome, 'succeeded');
  });

  describe('as tests', () => {
    /** What a framework would be told to run. */
    function collect(target: AttackTarget, options: AttackOptions) {
      const tests = new Map<string, () => Promise<void>>();
      const it = (name: string, body: () => Promise<void>) => tests.set(name.split(':')[0] ?? '', body);
      attackSuite({ describe: (_name, body) => body(), it }, target, options);
      return tests;
    }

    it('fail when the attack succeeds, and when it could not be tried', async () => {
      const { target, stop } = await startWeak({ flaws: ['token-caching'] });
      try {
        const without = names.filter((name) => !/^(token-caching|mix-up|code-oracle)$/.test(name));
        const tests = collect({ ...target, otherClient: undefined }, { without });
        assert.deepEqual([...tests.keys()].sort(), ['code-oracle', 'mix-up', 'token-caching']);
        await tests.get('mix-up')?.();
        await assert.rejects(tests.get('token-caching') ?? assert.fail, /Cache-Control is "" \(RFC 6749 §5\.1\)/);
        await assert.rejects(tests.get('code-oracle') ?? assert.fail, /there is no otherClient/);
      } finally {
        await stop();
      }
      await assert.rejects(collect(target, { only: ['mix-up'] }).get('mix-up') ?? assert.fail, /cannot be told/);
    });

    it('are of names that there are', async () => {
      const { target, stop } = await startWeak();
      await stop();
      for (const options of [{ only: ['code-reply'] }, { without: ['code-reply'] }]) {
        assert.throws(() => collect(target, options), RangeError);
        await assert.rejects(runAttacks(target, options), RangeError);
      }
    });
  });
});
