/** The doctor finds what is wrong, by the rule that is named after it, and nothing else. */
import assert from 'node:assert/strict';
import { createServer, openid } from 'koauthorize';
import { diagnose } from 'koauthorize/doctor';
import { jwt, memoryStore, tokenService } from 'koauthorize/tokens';
import { RULES } from '../../lib/doctor/rules.js';
import { patientWith } from '../support/patient.js';
import { SEEDS } from './seeds.js';

/** The rules of findings that are no relaxations, each once. */
async function foundIn(
  seed: keyof typeof SEEDS,
  more: object = {},
): Promise<{ rules: readonly string[]; also: readonly string[] }> {
  const { patient, options, also = [], stop } = await (SEEDS[seed] as (typeof SEEDS)[string])();
  try {
    const { findings } = await diagnose(patient, { production: false, ...options, ...more });
    for (const { found, why, remedy } of findings) assert.ok(found && why && remedy);
    const wrong = findings.filter(({ severity }) => severity !== 'relaxation');
    return { rules: [...new Set(wrong.map(({ rule }) => rule))].sort(), also };
  } finally {
    await stop?.();
  }
}

describe('the doctor', () => {
  it('has a seed for each rule', () =>
    assert.deepEqual(Object.keys(SEEDS).sort(), RULES.map(({ name }) => name).sort()));

  for (const seed of Object.keys(SEEDS)) {
    it(`finds ${seed}`, async () => {
      const { rules, also } = await foundIn(seed);
      assert.deepEqual(rules, [seed, ...also].sort());
    });

    it(`finds ${seed} by that rule alone`, async () => {
      const { rules, also } = await foundIn(seed, { without: [seed] });
      assert.deepEqual(rules, [...also].sort());
    });
  }

  const LONG = 'x'.repeat(32);
  for (const [keys, production, found] of [
    [[''], false, ['Of app.keys, number 1 has 0 characters']],
    [['a'], false, []],
    [[], false, []],
    [['a', LONG, ''], true, ['Of app.keys, number 1 has 1, number 3 has 0 characters']],
    [[], true, ['app.keys has no key']],
    [[LONG], true, []],
  ] as const)
    it(`RFC 2104 §3 app.keys of ${keys.map((key) => key.length).join(', ') || 'nothing'}, ${production ? 'in production' : 'on a machine of a developer'}`, async () => {
      const { findings } = await diagnose(patientWith({ keys: [...keys] }), { production, only: ['cookieKeys'] });
      assert.deepEqual(
        findings.map((each) => each.found),
        found,
      );
    });

  it('keys of cookies that nothing signs with, and a Keygrip, which shows none', async () => {
    const { app } = patientWith({ keys: [] });
    const only = ['cookieKeys'];
    assert.deepEqual((await diagnose({ app }, { production: true, only })).findings, []);
    const unsigned = await diagnose({ app, sessionOptions: { signed: false } }, { production: true, only });
    assert.deepEqual(unsigned.findings, []);
    const { notExamined } = await diagnose({ app: Object.assign(app, { keys: { sign: () => '' } }) }, { only });
    assert.deepEqual(notExamined, only);
  });

  const wide = (audience: readonly string[], isProvider: boolean) =>
    diagnose(
      {
        server: createServer({
          issuer: 'https://as.example',
          tokens: tokenService({ store: memoryStore(), accessTokens: jwt({ audience }) }),
          clients: { find: () => undefined },
        }).extend(isProvider ? openid() : { name: 'nothing' }),
      },
      { only: ['audienceTooWide'] },
    );
  const [API, ISSUER, USERINFO] = ['https://api.example', 'https://as.example', 'https://as.example/userinfo'];
  for (const [audience, isProvider, count] of [
    [[API, ISSUER], true, 0],
    [[API, USERINFO], true, 0],
    [[API, ISSUER], false, 1],
    [[API, USERINFO], false, 1],
    [[ISSUER], false, 1],
    [[API, 'https://mail.example', ISSUER], true, 1],
    [['https://*.example', ISSUER], true, 1],
  ] as const)
    it(`RFC 9700 §2.3 JWTs for ${audience.join(' and ')} ${isProvider ? 'beside UserInfo' : 'without UserInfo'}: ${count} found`, async () => {
      assert.equal((await wide(audience, isProvider)).findings.length, count);
    });
});
