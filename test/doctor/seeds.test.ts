/** The doctor finds what is wrong, by the rule that is named after it, and nothing else. */
import assert from 'node:assert/strict';
import { createServer, deviceAuthorization, metadata, openid, pkce, pushedRequests } from 'koauthorize';
import { diagnose } from 'koauthorize/doctor';
import { jwt, memoryStore, tokenService } from 'koauthorize/tokens';
import { RULES } from '../../lib/doctor/rules.js';
import { foreignServer, patientWith, soundMetadata } from '../support/patient.js';
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

const FURTHER = [
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
  'backchannel_authentication_endpoint',
  'userinfo_endpoint',
  'end_session_endpoint',
  'check_session_iframe',
];

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

  for (const [what, more, found] of [
    ['nowhere', {}, ['No session stands before authorization', 'No session stands before decision']],
    ['perhaps in a function without a name', { unnamed: async (_: unknown, next: () => Promise<void>) => next() }, []],
  ] as const)
    it(`a session that stands ${what}, where sessionOptions says that there is one`, async () => {
      const unnamed = Object.values(more)[0];
      const patient = patientWith({
        wire({ app, server, router }) {
          if (unnamed) app.use(Object.defineProperty(unnamed, 'name', { value: '' }));
          app.use(server.errorHandler()).use(router.routes());
        },
      });
      const only = ['sessionPlace'];
      const { findings } = await diagnose(patient, { only });
      assert.deepEqual(
        findings.map((each) => each.found),
        found,
      );
      const { sessionOptions, ...unsaid } = patient;
      assert.deepEqual((await diagnose(unsaid, { only })).findings, []);
    });

  it('a login without a name, in the route, which is no session', async () => {
    const patient = patientWith({
      routes: (router, server) =>
        router.get(
          '/again',
          (_, next) => next(),
          server.resume(() => false),
        ),
      wire: ({ app, server, router }) => app.use(server.errorHandler()).use(router.routes()),
    });
    const { findings } = await diagnose(patient, { only: ['sessionPlace'] });
    assert.equal(findings[0]?.found, 'No session stands before resume');
  });

  const dead = async (isAnnounced: boolean) => {
    const patient = patientWith({
      mount: false,
      plug(server) {
        server.extend(pkce(), deviceAuthorization(), pushedRequests());
        if (isAnnounced) server.extend(metadata());
      },
      routes(router, server) {
        if (isAnnounced) router.get('/.well-known/oauth-authorization-server', server.route('metadata'));
        router.post('/token', server.token()).post('/elsewhere', server.route('pushed_authorization_request'));
      },
    });
    const { findings } = await diagnose(patient, { only: ['endpointMissing'] });
    return findings.map(({ found }) => found.split(',')[0]);
  };

  it('endpoints of extensions that are announced where nothing answers, and pages that are not mounted', async () => {
    assert.deepEqual(await dead(true), [
      'device_authorization_endpoint is https://as.example/device_authorization',
      'pushed_authorization_request_endpoint is https://as.example/par',
      'device_verification is https://as.example/device',
      'device_decision is https://as.example/device/decision',
    ]);
  });

  it('endpoints of extensions that nothing announces and that stand nowhere', async () => {
    assert.deepEqual(await dead(false), [
      'device_authorization is https://as.example/device_authorization',
      'device_verification is https://as.example/device',
      'device_decision is https://as.example/device/decision',
    ]);
  });

  it('every endpoint that a running server announces', async () => {
    const { url, stop } = await foreignServer(
      (at) => ({
        ...soundMetadata(at),
        ...Object.fromEntries(FURTHER.map((name) => [name, `${at}/absent`])),
        registration_endpoint: 'https://staging.example/register',
      }),
      { '/absent': { status: 404 } },
    );
    const { findings } = await diagnose({ url }, { only: ['endpointMissing'] });
    await stop();
    assert.deepEqual(
      findings.map(({ found }) => found),
      FURTHER.map((name) => `${name} is ${url}/absent, which answers 404`),
    );
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
