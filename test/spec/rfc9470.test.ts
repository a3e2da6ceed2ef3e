/** RFC 9470: OAuth 2.0 Step Up Authentication Challenge Protocol, at the API and at the authorization server. */
import assert from 'node:assert/strict';
import { metadata, pushedRequests, type Transaction } from 'koauthorize';
import { type AccessToken, requireAuthentication } from 'koauthorize/resource-server';
import request from 'supertest';
import { type StepUpOptions, stepUp } from '../../lib/extension/step-up/server.js';
import { api, assertBare, assertRefused, GOOD, NOW } from '../resource-server/api.js';
import {
  type App,
  authorizationServer,
  browser,
  plugAll,
  redirected,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { pluggedServer } from '../support/plugged-server.js';
import { pushingServer } from '../support/pushing-server.js';
import { tokenServer } from '../support/token-server.js';

describe('RFC 9470 §3: the API’s challenge', () => {
  const guarded = (requirement: Parameters<typeof requireAuthentication>[0], token: Partial<AccessToken>) =>
    api({ tokens: { good: { ...GOOD, ...token } }, after: [requireAuthentication(requirement)] });
  const UNMET = { status: 401, error: 'insufficient_user_authentication' } as const;
  const MFA = { acr: 'mfa' };
  const NOW_OR = { maxAge: 300 };

  type Case = [what: string, requirement: Parameters<typeof requireAuthentication>[0], token: Partial<AccessToken>];
  const enough: readonly Case[] = [
    ['the acr', MFA, { acr: 'mfa' }],
    ['one of several', { acr: ['hwk', 'mfa'] }, { acr: 'mfa' }],
    ['just now', NOW_OR, { authenticatedAt: NOW }],
    ['just within', NOW_OR, { authenticatedAt: NOW - 300 }],
    ['by a clock that is ahead by 30 s', NOW_OR, { authenticatedAt: NOW + 30 }],
    ['both', { ...MFA, ...NOW_OR }, { acr: 'mfa', authenticatedAt: NOW - 1 }],
    ['just within the shortest', { maxAge: 5 }, { authenticatedAt: NOW - 5 }],
  ];
  for (const [what, requirement, token] of enough) {
    it(`is enough: ${what}`, async () => {
      await guarded(requirement, token).ask('Bearer good').expect(200);
    });
  }

  const told = (requirement: object): string =>
    Object.entries({ acr_values: 'mfa', max_age: 300 })
      .filter(([name]) => (name === 'max_age' ? 'maxAge' : 'acr') in requirement)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ');
  const notEnough: readonly Case[] = [
    ['another acr', MFA, { acr: 'pwd' }],
    ['no acr', MFA, { authenticatedAt: NOW }],
    ['part of the word', MFA, { acr: 'm' }],
    ['too long ago', NOW_OR, { authenticatedAt: NOW - 301 }],
    ['nobody knows when', NOW_OR, { acr: 'mfa' }],
    ['at no time that is one', NOW_OR, { authenticatedAt: Number.NaN }],
    ['by a clock that is ahead by more than 30 s', NOW_OR, { authenticatedAt: NOW + 31 }],
    ['in milliseconds, which is a time to come', NOW_OR, { authenticatedAt: NOW * 1000 }],
    ['only the acr', { ...MFA, ...NOW_OR }, { acr: 'mfa', authenticatedAt: NOW - 301 }],
    ['only the time', { ...MFA, ...NOW_OR }, { acr: 'pwd', authenticatedAt: NOW }],
    ['a client that acts for itself', { ...MFA, ...NOW_OR }, { acr: 'mfa', authenticatedAt: NOW, subject: undefined }],
  ];
  for (const [what, requirement, token] of notEnough) {
    it(`is not enough: ${what}`, async () => {
      const { ask, seen, errors } = guarded(requirement, token);
      assertRefused(await ask('Bearer good'), { ...UNMET, more: told(requirement) });
      assert.deepEqual([seen, errors], [[], []]);
    });
  }

  it('acr_values are in order of preference', async () => {
    const { ask } = guarded({ acr: ['hwk', 'mfa', 'urn:x'] }, {});
    assertRefused(await ask('Bearer good'), { ...UNMET, more: 'acr_values="hwk mfa urn:x"' });
  });

  it('without a token the challenge is bare; a bad one is invalid_token', async () => {
    const { ask } = guarded(MFA, { acr: 'mfa' });
    assertBare(await ask());
    assertRefused(await ask('Bearer bad'), { status: 401, error: 'invalid_token' });
  });

  it('the time is that of bearer', async () => {
    const { ask } = api({
      now: () => NOW + 10_000,
      tokens: { good: { ...GOOD, authenticatedAt: NOW + 9_996 } },
      after: [requireAuthentication({ maxAge: 5 })],
    });
    await ask('Bearer good').expect(200);
  });

  for (const requirement of [
    {},
    { acr: [] },
    { acr: '' },
    { acr: 'two words' },
    { acr: 'a"b' },
    { maxAge: -1 },
    { maxAge: 0 },
    { maxAge: 4 },
    { maxAge: 1.5 },
    { maxAge: Number.NaN },
    { maxAge: '300' as never },
  ]) {
    it(`cannot be required: ${JSON.stringify(requirement)}`, () => {
      assert.throws(() => requireAuthentication(requirement), TypeError);
    });
  }
});

/** Who logged in how and when, and a clock to turn. */
function stepUpServer(options: Partial<StepUpOptions<User>> = {}) {
  const clock = { now: NOW };
  const logins = new Map<string, { acr?: string; authenticatedAt?: number }>();
  const login = stepUp<App, User>({
    authenticationEvent: ({ id }) => logins.get(id),
    now: () => clock.now,
    ...options,
  });
  const asked: boolean[] = [];
  const immediate = (txn: Transaction<App, User>) => txn.req.state === 'allow at once';
  const made = authorizationServer({
    options: { now: () => clock.now },
    plug(server) {
      plugAll(server);
      server.extend(login);
    },
    authorization: (server) => server.authorization((id, uri) => [made.find(id), uri], immediate),
    resume: (server) => server.resume(() => false),
    dialog(ctx) {
      const { oauth2: txn } = ctx.state;
      asked.push(login.needsAuthentication(txn));
      ctx.body = {
        transactionID: txn.transactionID,
        needsAuthentication: login.needsAuthentication(txn),
        prompts: txn.prompts,
        req: txn.req,
      };
    },
    routes: (router, server) => router.get('/metadata', server.endpoint(metadata())),
  });
  return { ...made, clock, logins, asked, login, ...browser(made.app) };
}

describe('RFC 9470 §4: the authorization request', () => {
  it('is read', async () => {
    const { authorize } = stepUpServer();
    const { req } = (await authorize({ acr_values: 'hwk  mfa', max_age: '0' }).expect(200)).body;
    assert.deepEqual([req.acrValues, req.maxAge], [['hwk', 'mfa'], 0]);
  });

  it('without either, nothing is asked of the login', async () => {
    const { allow, asked, authorize } = stepUpServer();
    const { req } = (await authorize({ acr_values: ' ', max_age: '' }).expect(200)).body;
    assert.deepEqual(['acrValues' in req, 'maxAge' in req], [false, false]);
    assert.ok((await allow())['code'], 'a code');
    assert.deepEqual(asked, [false, false]);
  });

  for (const max_age of ['-1', '1.5', '1e3', 'abc', '0x10', ' 1', '+1', '99999999999999999999', 'Infinity']) {
    it(`max_age is a whole number of seconds, not ${max_age}`, async () => {
      const { authorize } = stepUpServer();
      assert.equal(redirected(await authorize({ max_age }).expect(302))['error'], 'invalid_request');
    });
  }

  it('twice is once too often', async () => {
    const { authorize } = stepUpServer();
    for (const params of [{ max_age: ['1', '2'] }, { acr_values: ['a', 'b'] }])
      assert.equal(redirected(await authorize(params).expect(302))['error'], 'invalid_request');
  });

  it('§5: for an acr that there is not, fails at once; §4: one of several will do', async () => {
    const { authorize } = stepUpServer({ acrValues: ['pwd', 'mfa'] });
    const refused = redirected(await authorize({ acr_values: 'hwk gold' }).expect(302));
    assert.equal(refused['error'], 'unmet_authentication_requirements');
    assert.equal(refused['state'], 'a state');
    await authorize({ acr_values: 'hwk mfa' }).expect(200);
  });

  it('§5: fails at once where requests are pushed, too', async () => {
    const { push } = pushingServer({ plugs: [pushedRequests(), stepUp({ acrValues: ['pwd', 'mfa'] })] });
    assertErrorHere(await push({ acr_values: 'hwk gold' }), 400, 'unmet_authentication_requirements');
    await push({ acr_values: 'hwk mfa' }).expect(201);
  });

  it('RFC 8414: acr_values_supported', async () => {
    const document = async (options: Partial<StepUpOptions<User>>) =>
      (await request(stepUpServer(options).app.callback()).get('/metadata').expect(200)).body;
    assert.deepEqual((await document({ acrValues: ['pwd', 'mfa'] })).acr_values_supported, ['pwd', 'mfa']);
    assert.equal('acr_values_supported' in (await document({})), false);
  });
});

describe('RFC 9470: options', () => {
  it('acrValues that are no list are a TypeError at start', () =>
    assert.throws(() => stepUp({ acrValues: 'pwd mfa' as never }), /^TypeError: stepUp\(\{ acrValues \}\)/));
});

describe('RFC 9470 §5: what is not met is not allowed', () => {
  const wants = { acr_values: 'mfa hwk', max_age: '300' };
  const good = { acr: 'mfa', authenticatedAt: NOW - 300 };

  it('met', async () => {
    const { logins, allow, asked } = stepUpServer();
    logins.set('alice', good);
    assert.ok((await allow(wants))['code'], 'a code');
    assert.deepEqual(asked, [false]);
  });

  const unmet: readonly [what: string, login: { acr?: string; authenticatedAt?: number } | undefined][] = [
    ['nothing is known', undefined],
    ['another acr', { ...good, acr: 'pwd' }],
    ['no acr', { authenticatedAt: NOW }],
    ['too long ago', { ...good, authenticatedAt: NOW - 301 }],
    ['nobody knows when', { acr: 'mfa' }],
    ['at no time that is one', { ...good, authenticatedAt: Number.NaN }],
  ];
  for (const [what, login] of unmet) {
    it(`unmet: ${what}: the dialog is told that a login is due, a decision is refused, and the dialog stays`, async () => {
      const { logins, authorize, decide, asked, errors } = stepUpServer();
      if (login) logins.set('alice', login);
      const { transactionID, prompts } = (await authorize(wants).expect(200)).body;
      assert.deepEqual([prompts, asked], [['login'], [true]]);
      assertErrorHere(await decide(transactionID), 403, 'access_denied');
      assert.equal(errors.length, 1);
      logins.set('alice', good);
      assert.ok(redirected(await decide(transactionID))['code'], 'a code');
    });

    it(`unmet: ${what}: immediate is not asked, and the user gets the login`, async () => {
      const { logins, authorize, asked } = stepUpServer();
      if (login) logins.set('alice', login);
      const { prompts } = (await authorize({ ...wants, state: 'allow at once' }).expect(200)).body;
      assert.deepEqual([prompts, asked], [['login'], [true]]);
    });
  }

  it('a login in milliseconds is the operator’s mistake, and not good for ever', async () => {
    const { logins, authorize, errors } = stepUpServer();
    logins.set('alice', { acr: 'mfa', authenticatedAt: NOW * 1000 });
    assert.equal(redirected(await authorize(wants).expect(302))['error'], 'server_error');
    assert.match(String(errors[0]), /TypeError: authenticatedAt is in epoch seconds/);
  });

  it('a login of a clock that is ahead is the clocks’ mistake: the error has both times', async () => {
    const { logins, authorize, errors } = stepUpServer();
    logins.set('alice', { acr: 'mfa', authenticatedAt: NOW + 660 });
    assert.equal(redirected(await authorize(wants).expect(302))['error'], 'server_error');
    const expected = `authenticatedAt is ${NOW + 660}, and it is ${NOW} here: the clocks differ by 660 seconds`;
    assert.ok(String(errors[0]).includes(expected), String(errors[0]));
  });

  it('met, immediate allows', async () => {
    const { logins, authorize } = stepUpServer();
    logins.set('alice', good);
    assert.ok(redirected(await authorize({ ...wants, state: 'allow at once' }).expect(302))['code'], 'a code');
  });

  it('a refusal of the user’s is a refusal, met or not', async () => {
    const { authorize, decide } = stepUpServer();
    const { transactionID } = (await authorize(wants).expect(200)).body;
    assert.equal(redirected(await decide(transactionID, { cancel: 'yes' }))['error'], 'access_denied');
  });

  it('nobody is logged in: so they have to', () => {
    const { login } = stepUpServer();
    const txn = { req: { type: 'code', clientID: 'client', maxAge: 10 } } as Transaction<App, User>;
    assert.equal(login.needsAuthentication(txn), true);
  });

  for (const max_age of ['0', '300']) {
    it(`max_age=${max_age}: a login on account of the request, and back by resume, is new enough`, async () => {
      const { agent, logins, authorize, decide, clock, asked } = stepUpServer();
      logins.set('alice', { acr: 'pwd', authenticatedAt: NOW - 301 });
      const { transactionID } = (await authorize({ acr_values: 'mfa', max_age }).expect(200)).body;
      clock.now += 20;
      logins.set('alice', { acr: 'mfa', authenticatedAt: clock.now });
      clock.now += 1;
      await agent.get('/resume').set('X-User', 'alice').query({ transaction_id: transactionID }).expect(200);
      clock.now += 5;
      assert.ok(redirected(await decide(transactionID))['code'], 'a code');
      assert.deepEqual(asked, [true, false]);
    });
  }

  it('back without a new login, nothing is gained', async () => {
    const { agent, logins, authorize, decide, asked } = stepUpServer();
    logins.set('alice', { acr: 'pwd', authenticatedAt: NOW - 1 });
    const { transactionID } = (await authorize({ max_age: '0' }).expect(200)).body;
    await agent.get('/resume').set('X-User', 'alice').query({ transaction_id: transactionID }).expect(200);
    assertErrorHere(await decide(transactionID), 403, 'access_denied');
    assert.deepEqual(asked, [true, true]);
  });
});

describe('RFC 9470 §6: from the challenge to a token that is enough', () => {
  const authenticationEvent = () => ({ acr: 'mfa', authenticatedAt: NOW });
  const rulesOf = (tokens: object) =>
    pluggedServer({ tokens, plugs: [stepUp({ authenticationEvent })] })
      .server.check()
      .findings.map(({ rule }) => rule);

  it('a login that only stepUp() knows stands in no token, which is told at start', () => {
    assert.deepEqual(rulesOf({}), ['step-up-not-in-tokens']);
    assert.deepEqual(rulesOf({ authenticationEvent }), []);
  });

  it('opaque, in process', async () => {
    const now = Math.floor(Date.now() / 1000);
    const logins = new Map([['alice', { acr: 'pwd', authenticatedAt: now }]]);
    const authenticationEvent = ({ id }: User) => logins.get(id);
    const { clock, tokens, connect } = tokenServer({
      tokens: { authenticationEvent },
      plug: (server) => server.extend(stepUp({ authenticationEvent, now: () => clock.now })),
    });
    clock.now = now;
    const { ask, seen } = api({
      verify: tokens.verify,
      now: () => clock.now,
      after: [requireAuthentication({ acr: 'mfa', maxAge: 60 })],
    });
    const weak = await ask(`Bearer ${(await connect()).access_token}`).expect(401);
    const [, acr_values, max_age] =
      /acr_values="(.*?)", max_age="(.*?)"/.exec(weak.headers['www-authenticate'] ?? '') ?? [];
    logins.set('alice', { acr: 'mfa', authenticatedAt: now });
    const { access_token } = await connect({ acr_values, max_age });
    await ask(`Bearer ${access_token}`).expect(200);
    assert.equal(seen.length, 1);
    clock.now += 61;
    assertRefused(await ask(`Bearer ${access_token}`), {
      status: 401,
      error: 'insufficient_user_authentication',
      more: 'acr_values="mfa", max_age="60"',
    });
  });
});
