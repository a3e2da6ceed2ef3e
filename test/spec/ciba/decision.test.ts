/** OpenID Connect Client-Initiated Backchannel Authentication §8, §10, §11: decisions and polls, over HTTP. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  AuthorizationError,
  authorizationDetails,
  type DecisionInput,
  dpop,
  type Extension,
  type Refusal,
  resourceIndicators,
} from 'koauthorize';
import { type App, CLIENT, ISSUER, OTHER, type User } from '../../support/authorization-server.js';
import {
  ANOTHER,
  type BackchannelSetup,
  errorOf,
  PINGED,
  POLLING,
  userNamed,
  waiting,
} from '../../support/backchannel-server.js';
import { claimsOfToken } from '../../support/id-token.js';
import { localsSeen } from '../../support/plugged-server.js';
import { type Method, watched } from '../../support/token-store.js';

describe('CIBA §8: the user decides', () => {
  it('in the app of the telephone: the client gets what was asked for', async () => {
    const { id, decide, later, tokens } = await waiting();
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    assert.deepEqual((await decide(id).expect(200)).body, { became: 'allowed' });
    const { body, headers } = await later().expect(200);
    assert.deepEqual([body.token_type, body.scope, typeof body.refresh_token], ['Bearer', 'openid read', 'string']);
    assert.equal(headers['cache-control'], 'no-store');
    const token = await tokens.verify(body.access_token);
    assert.deepEqual([token?.subject, token?.clientID, token?.scope], ['alice', 'client', ['openid', 'read']]);
  });

  it('§10.1.1 the ID token is of the user who has decided, for the client, with the hash of the access token', async () => {
    const login = { authenticatedAt: 1_767_225_601, acr: 'gold', amr: ['face'] };
    const { id, decide, later, server } = await waiting({ login });
    await decide(id).expect(200);
    const { body } = await later().expect(200);
    const claims = await claimsOfToken(server, body.id_token);
    assert.deepEqual(
      [claims.iss, claims.sub, claims.aud, claims['acr'], claims['auth_time'], claims['amr']],
      [ISSUER, 'alice', 'client', 'gold', login.authenticatedAt, ['face']],
    );
    assert.equal(typeof claims['at_hash'], 'string');
    assert.ok(!('urn:openid:params:jwt:claim:auth_req_id' in claims), '§10.3.1: only push has it');
  });

  it('no: access_denied', async () => {
    for (const decision of [
      { allow: false },
      { allow: 'yes' },
      { allow: undefined },
      { scope: '' },
      { scope: 'read' },
      { scope: [] },
    ]) {
      const { id, decide, later } = await waiting();
      assert.deepEqual((await decide(id, decision).expect(200)).body, { became: 'denied' }, JSON.stringify(decision));
      assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
    }
  });

  it('what is not allowed is not given', async () => {
    const { id, decide, later } = await waiting();
    await decide(id, { scope: ['openid'] }).expect(200);
    assert.equal((await later().expect(200)).body.scope, 'openid');
  });

  it('only the user whom the hint named decides; nobody else sees the request', async () => {
    const { id, decide, later, ciba } = await waiting();
    await decide(id, { user: 'bob' }).expect(403);
    await decide(id, { user: 'bob', allow: false }).expect(403);
    assert.equal(await ciba.find(id, userNamed('bob')), undefined);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    const seen = await ciba.find(id, userNamed('alice'));
    assert.deepEqual([seen?.id, seen?.client.client_id, seen?.req.scope], [id, 'client', ['openid', 'read']]);
    await decide(id).expect(200);
  });

  it('once: a second decision is refused, and changes nothing', async () => {
    const { id, decide, later, ciba } = await waiting();
    await decide(id).expect(200);
    await decide(id, { allow: false }).expect(403);
    assert.equal(await ciba.find(id, userNamed('alice')), undefined);
    await later().expect(200);
  });

  it('by the ID of the application only: the auth_req_id, parts of the ID and made-up ones decide nothing', async () => {
    const { id, authReqID, decide, later } = await waiting();
    const [key = ''] = id.split('.');
    for (const wrong of [authReqID, `${key}x`, 'x', '.', '..', 'x'.repeat(5000), '__proto__'])
      await decide(wrong).expect(403);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
  });

  it('not by what the client knows: half of the ID is a hash of its auth_req_id', async () => {
    const fetch = async () => new Response(null, { status: 204 });
    const params = { client_notification_token: 'a-token-of-the-client-of-many-characters' };
    for (const client of [POLLING, PINGED]) {
      const { id, authReqID, ciba, decide, person, later } = await waiting(
        { clients: [client], ciba: { fetch } },
        params,
      );
      const half = createHash('sha256').update(authReqID).digest('base64url');
      assert.ok(id.startsWith(`${half}.`));
      for (const wrong of [half, `${half}.`, `${half}.x`, `${half}.${'x'.repeat(22)}`, `${half}..`, `${id}x`]) {
        await decide(wrong).expect(403);
        assert.equal(await ciba.find(wrong, userNamed('alice')), undefined);
        assert.deepEqual((await person().open(wrong)).body, { page: 'gone' });
      }
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
      await decide(id).expect(200);
      await later().expect(200);
    }
  });

  it('where no time is left, or the client is gone, nothing can be decided', async () => {
    const clients = [POLLING, ANOTHER];
    const { id, decide, clock } = await waiting({ clients });
    clients.shift();
    await decide(id).expect(403);
    clients.unshift(POLLING);
    clock.now += 300;
    await decide(id).expect(403);
  });

  it('what an extension requires of the user comes first, and what it refuses is not given; the request still waits', async () => {
    let due = ['second factor'];
    let refuses = true;
    const strict: Extension<App, User> = {
      name: 'strict',
      authorization: {
        prompt: async () => due,
        async decide() {
          if (refuses) throw new AuthorizationError('Not today', 'invalid_request');
        },
      },
    };
    const { id, decide, later } = await waiting({ plugs: [strict] });
    await decide(id).expect(403);
    due = ['consent'];
    await decide(id).expect(400);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    refuses = false;
    await decide(id).expect(200);
    await later().expect(200);
  });

  it('what an extension denies is denied: nothing is left to decide, and the operator is told why', async () => {
    const denying: Extension<App, User> = {
      name: 'denying',
      authorization: {
        async decide() {
          throw new AuthorizationError('Not at night', 'access_denied');
        },
      },
    };
    const { id, app, decide, later, ciba } = await waiting({ plugs: [denying] });
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
    assert.deepEqual((await decide(id).expect(200)).body, { became: 'denied' });
    assert.deepEqual(
      refusals.map(({ error, description, clientID, status }) => [error, description, clientID, status]),
      [['access_denied', 'Not at night', 'client', undefined]],
    );
    assert.equal(await ciba.find(id, userNamed('alice')), undefined);
    assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
  });

  it('RFC 8707: where no API is granted, it is a denial', async () => {
    const files = 'https://files.example/';
    const plugs = [resourceIndicators<App>({ resources: { [files]: {} } })];
    const { id, person, later } = await waiting(
      { plugs, ciba: { decision: () => ({ resources: [] }) } },
      { resource: files },
    );
    const alice = person();
    const { dialogID } = (await alice.open(id)).body;
    assert.deepEqual((await alice.answer(dialogID).expect(200)).body, { page: 'denied' });
    assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
  });

  it('OpenID Connect Core §5.5.1.1: a login without the acr that the client needs allows nothing', async () => {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'gold' } } });
    const login = { acr: 'silver', authenticatedAt: 1_767_225_600 };
    const { id, decide, later } = await waiting({ login, openid: { acrValues: ['gold', 'silver'] } }, { claims });
    await decide(id).expect(403);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    Object.assign(login, { acr: 'gold' });
    await decide(id).expect(200);
  });

  it('OpenID Connect Core §3.1.2.1: where the client asks for another login, one since the request came allows it, and no earlier one', async () => {
    const login = { authenticatedAt: 1_767_225_500 };
    const { id, decide, clock } = await waiting({ login }, { prompt: 'login' });
    await decide(id).expect(403);
    Object.assign(login, { authenticatedAt: clock.now + 5 });
    clock.now += 10;
    await decide(id).expect(200);
  });

  for (const prompt of ['select_account', 'create', 'select_account create'])
    it(`prompt=${prompt} is ignored: the client has named the user, and no page could note it as done`, async () => {
      const promptValues = ['login', 'select_account', 'create'] as const;
      const { id, asked, decide, later } = await waiting({ openid: { promptValues } }, { prompt });
      assert.equal(asked[0]?.req.prompt, undefined);
      await decide(id).expect(200);
      await later().expect(200);
    });

  it('a scope that is taken from the registration before the decision is not granted', async () => {
    const app = { ...POLLING, scope: 'openid read' };
    const { id, decide, later } = await waiting({ clients: [app] });
    Object.assign(app, { scope: 'openid' });
    assert.equal((await decide(id)).status, 400);
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
  });

  it("two servers that share a store do not see each other's requests", async () => {
    const one = await waiting();
    const two = await waiting({ store: one.store, options: { name: 'another' } });
    await two.decide(one.id).expect(403);
    assert.deepEqual(await errorOf(two.poll(one.authReqID)), [400, 'invalid_grant']);
  });
});

describe('CIBA §8: on a page of the application', () => {
  it('the user sees who asks for what, with the binding message, and allows it', async () => {
    const { id, person, later } = await waiting({}, { binding_message: 'W4SCT' });
    const alice = person();
    const { dialogID, client, req, ...rest } = (await alice.open(id).expect(200)).body;
    assert.deepEqual(rest, { page: 'consent' });
    assert.deepEqual([client.client_id, req.scope, req.bindingMessage], ['client', ['openid', 'read'], 'W4SCT']);
    assert.deepEqual((await alice.answer(dialogID).expect(200)).body, { page: 'allowed' });
    await later().expect(200);
  });

  it('or denies it; an empty value is a denial, too', async () => {
    for (const cancel of ['yes', '']) {
      const { id, person, later } = await waiting();
      const alice = person();
      const { dialogID } = (await alice.open(id)).body;
      assert.deepEqual((await alice.answer(dialogID, { cancel }).expect(200)).body, { page: 'denied' });
      assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
    }
  });

  it('only what the form of the application says is allowed', async () => {
    const decision = (_ctx: unknown, { scope = [] }: { scope?: string | readonly string[] }) => ({
      scope: [scope].flat(),
    });
    for (const [scope, given] of [
      [['openid'], [200, undefined]],
      [[], [400, 'access_denied']],
    ] as const) {
      const { id, person, later } = await waiting({ ciba: { decision } });
      const alice = person();
      const { dialogID } = (await alice.open(id)).body;
      await alice.answer(dialogID, { scope }).expect(200);
      assert.deepEqual(await errorOf(later()), given);
    }
  });

  it('RFC 9396, RFC 8707: nor more of the details, the APIs and what other extensions read of the decision', async () => {
    const [files, mail] = ['https://files.example/', 'https://mail.example/'];
    const payment = (euros: number) => ({ type: 'payment', euros });
    const [small, large] = [payment(1), payment(1_000_000)];
    const plugs: NonNullable<BackchannelSetup['plugs']> = [
      resourceIndicators<App>({ resources: { [files]: {}, [mail]: {} } }),
      authorizationDetails<App, User>({ types: { payment: { required: ['euros'], validate: () => true } } }),
      { name: 'account', authorization: { authorize: ({ res }) => ({ notes: { account: res?.['account'] } }) } },
    ];
    const granted = { authorizationDetails: [small], resources: [files], account: 'savings' };
    const params = { resource: [files, mail], authorization_details: JSON.stringify([small, large]) };
    const byPage = await waiting({ plugs, ciba: { decision: () => granted } }, params);
    const alice = byPage.person();
    await alice.answer((await alice.open(byPage.id)).body.dialogID).expect(200);
    const byApp = await waiting({ plugs }, params);
    await byApp.decide(byApp.id, granted).expect(200);
    for (const { later, tokens } of [byPage, byApp]) {
      const { body } = await later().expect(200);
      const { audience, notes } = (await tokens.verify(body.access_token)) ?? {};
      assert.deepEqual([body.authorization_details, audience, notes], [[small], [files], { account: 'savings' }]);
    }
  });

  it('locals of the decision reach the steps of extensions, as at the authorization endpoint', async () => {
    const { seen, extension } = localsSeen();
    const decision = () => [{ scope: 'openid' }, { from: 'the form' }] as const;
    const { id, person, later } = await waiting({ plugs: [extension], ciba: { decision } });
    const alice = person();
    await alice.answer((await alice.open(id)).body.dialogID).expect(200);
    assert.equal((await later().expect(200)).body.scope, 'openid');
    assert.deepEqual(seen, [{ from: 'the form' }]);
  });

  it('what the form of the application says of allow counts as at the authorization endpoint: only true allows', async () => {
    for (const [allow, page] of [
      [true, 'allowed'],
      [undefined, 'denied'],
      [false, 'denied'],
      [null, 'denied'],
      ['yes', 'denied'],
    ] as const) {
      const cancel = allow === undefined ? { cancel: '' } : {};
      const { id, person } = await waiting({ ciba: { decision: () => ({ allow, scope: 'openid' }) as DecisionInput } });
      const alice = person();
      const { dialogID } = (await alice.open(id)).body;
      assert.deepEqual((await alice.answer(dialogID, cancel).expect(200)).body, { page }, String(allow));
    }
  });

  it('a callback that forgets to return what it read grants nothing', async () => {
    const { id, person } = await waiting({ ciba: { decision: (() => undefined) as never } });
    const alice = person();
    const { dialogID } = (await alice.open(id)).body;
    await alice.answer(dialogID).expect(500);
    assert.equal((await alice.open(id)).body.page, 'consent', 'it still waits for an answer');
  });

  it('nobody is shown anything before they are logged in, and others are shown nothing', async () => {
    const { id, person } = await waiting();
    assert.deepEqual((await person('').open(id)).body, { page: 'login', prompts: ['login'] });
    assert.deepEqual((await person('bob').open(id)).body, { page: 'gone' });
    assert.deepEqual((await person().open('made-up')).body, { page: 'gone' });
  });

  it('what an extension requires of the user comes first', async () => {
    const plugs: readonly Extension<App, User>[] = [
      { name: 'strict', authorization: { prompt: async () => ['second factor', 'consent'] } },
    ];
    const { id, person } = await waiting({ plugs });
    const { page, prompts, dialogID } = (await person().open(id)).body;
    assert.deepEqual([page, prompts, dialogID], ['login', ['second factor'], undefined]);
  });

  it('a decision counts only from the page that was shown in this browser, to this user, once', async () => {
    const { id, person, later } = await waiting();
    const alice = person();
    const shown = async () => (await alice.open(id)).body.dialogID;
    const first = await shown();
    await person('alice').answer(first).expect(403); // cross-site, or another browser
    await alice.answer('made-up-id-of-22-chars').expect(403);
    await alice.answer(await shown(), {}, 'bob').expect(403); // who has logged in here since
    assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    await alice.answer(first).expect(200);
    await alice.answer(first, { cancel: 'yes' }).expect(403);
    await later().expect(200);
  });

  it('the page cannot be framed, or read from a cache', async () => {
    const { id, person } = await waiting();
    const { headers } = await person().open(id);
    assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
    assert.equal(headers['cache-control'], 'no-store');
  });
});

describe('CIBA §10.1, §11: the client polls', () => {
  it('a poll that is too early gets slow_down, and a poll in time does not', async () => {
    const { authReqID, poll, clock } = await waiting();
    clock.now = Math.ceil(clock.now / 4.5) * 4.5;
    assert.deepEqual(await errorOf(poll(authReqID)), [400, 'authorization_pending']);
    clock.now += 4;
    assert.deepEqual(await errorOf(poll(authReqID)), [400, 'slow_down']);
    clock.now += 1;
    assert.deepEqual(await errorOf(poll(authReqID)), [400, 'authorization_pending']);
  });

  it('too late: expired_token', async () => {
    const { later, clock } = await waiting({}, { requested_expiry: '60' });
    clock.now += 56;
    assert.deepEqual(await errorOf(later()), [400, 'expired_token']);
  });

  it('gets tokens once; then the auth_req_id is no longer valid', async () => {
    const { id, decide, later } = await waiting();
    await decide(id).expect(200);
    await later().expect(200);
    assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
  });

  it('§11 what is over is answered so at once, and not by slow_down', async () => {
    for (const [params, first, error] of [
      [{}, 200, 'invalid_grant'],
      [{ allow: false }, 400, 'access_denied'],
    ] as const) {
      const { id, authReqID, decide, later, poll } = await waiting();
      await decide(id, params).expect(200);
      await later().expect(first);
      assert.deepEqual(await errorOf(poll(authReqID)), [400, error]);
    }
  });

  it('another client gets invalid_grant, and does not spend the auth_req_id', async () => {
    const { id, authReqID, decide, later, poll, clock } = await waiting();
    assert.deepEqual(await errorOf(poll(authReqID, OTHER)), [400, 'invalid_grant']);
    await decide(id).expect(200);
    clock.now += 10;
    assert.deepEqual(await errorOf(poll(authReqID, OTHER)), [400, 'invalid_grant']);
    await later().expect(200);
  });

  for (const code of [undefined, '', 'x', 'made-up.zzzzzz', `${'x'.repeat(43)}.zzzzzz`, 'x'.repeat(500), '.', '..'])
    it(`is told that ${JSON.stringify(code?.slice(0, 20))} is no auth_req_id`, async () => {
      const { poll } = await waiting();
      const expected = code ? 'invalid_grant' : 'invalid_request';
      assert.deepEqual(await errorOf(poll(code as string)), [400, expected]);
    });

  it('by the ID of the application nobody gets tokens', async () => {
    const { id, decide, poll } = await waiting();
    await decide(id).expect(200);
    for (const wrong of [id, ...id.split('.')]) assert.equal((await poll(wrong)).status, 400);
  });

  it('what an extension throws at the answer costs the client nothing', async () => {
    let fails = true;
    const failing: Extension<App, User> = {
      name: 'failing',
      token: {
        respond() {
          if (fails) throw new Error('no signer');
          return undefined;
        },
      },
    };
    const { id, decide, later } = await waiting({ plugs: [failing] });
    await decide(id).expect(200);
    await later().expect(500);
    fails = false;
    await later().expect(200);
  });

  it('a poll costs two round trips to the store, and the last four', async () => {
    let [running, trips] = [0, 0];
    const watch = async (_method: Method, _args: readonly unknown[], call: () => Promise<unknown>) => {
      if (running === 0) trips += 1; // what runs at the same time is one
      running += 1;
      return call().finally(() => {
        running -= 1;
      });
    };
    const { id, authReqID, decide, poll, later, clock } = await waiting({ store: watched(watch) });
    const costOf = async (request: () => PromiseLike<unknown>): Promise<number> => {
      trips = 0;
      await request();
      return trips;
    };
    clock.now = Math.ceil(clock.now / 4.5) * 4.5;
    assert.equal(await costOf(() => poll(authReqID)), 2);
    assert.equal(await costOf(() => poll(authReqID)), 2);
    await decide(id).expect(200);
    assert.equal(await costOf(() => later().expect(200)), 4);
  });

  it('of 50 polls at once one gets tokens', async () => {
    const { id, authReqID, decide, poll, clock } = await waiting({ ciba: { interval: 1 } });
    await decide(id).expect(200);
    clock.now += 5;
    const polls = await Promise.all(Array.from({ length: 50 }, () => poll(authReqID)));
    assert.equal(polls.filter(({ status }) => status === 200).length, 1);
  });

  describe('ending is final: what was allowed and not fetched ends', () => {
    const endings: Record<string, (server: Awaited<ReturnType<typeof waiting>>) => Promise<unknown>> = {
      'with all authorizations of the user': ({ tokens }) => tokens.revokeAll({ user: userNamed('alice') }),
      'with all that the client was allowed': ({ tokens }) => tokens.revokeAll({ client: CLIENT }),
      'with the session of the user': async ({ tokens }) => {
        const allowed = await tokens.allowedInSession({ subject: 'alice', sessionID: 'one' });
        assert.deepEqual(allowed.clientIDs, ['client']);
        await allowed.end();
      },
    };
    for (const [how, end] of Object.entries(endings))
      it(how, async () => {
        const one = await waiting({ login: { sessionID: 'one' } });
        await one.decide(one.id).expect(200);
        await end(one);
        assert.deepEqual(await errorOf(one.later()), [400, 'invalid_grant']);
      });
  });

  it('OpenID Connect Core §11: offline_access outlasts the session of the user, who was asked', async () => {
    const params = { scope: 'openid read offline_access' };
    const { id, asked, decide, later, tokens } = await waiting({ login: { sessionID: 'one' } }, params);
    assert.deepEqual(asked[0]?.req.scope, ['openid', 'read', 'offline_access']);
    await decide(id).expect(200);
    await (await tokens.allowedInSession({ subject: 'alice', sessionID: 'one' })).end();
    assert.equal((await later().expect(200)).body.scope, params.scope);
  });

  describe('with other specifications', () => {
    it('RFC 8707, RFC 9396: the tokens are for what was asked for, and the user sees it', async () => {
      const [files, mail] = ['https://files.example/', 'https://mail.example/'];
      const detail = { type: 'files', actions: ['read'] };
      const plugs = [
        resourceIndicators<App>({ resources: { [files]: {}, [mail]: {} } }),
        authorizationDetails<App, User>({ types: { files: { required: ['actions'], validate: () => true } } }),
      ];
      const params = { resource: files, authorization_details: JSON.stringify([detail]) };
      const { id, asked, decide, later, tokens, begin } = await waiting({ plugs }, params);
      assert.deepEqual([asked[0]?.req.resources, asked[0]?.req.authorizationDetails], [[files], [detail]]);
      await decide(id).expect(200);
      assert.deepEqual(await errorOf(later({ resource: mail })), [400, 'invalid_target']);
      const { body } = await later().expect(200);
      const token = await tokens.verify(body.access_token);
      assert.deepEqual([token?.audience, body.authorization_details], [[files], [detail]]);
      assert.deepEqual(await errorOf(begin({ resource: 'https://other.example/' })), [400, 'invalid_target']);
    });

    it('RFC 8707, RFC 9396: a decision whose resources or details are no list is a mistake, and grants nothing', async () => {
      const [files, detail] = ['https://files.example/', { type: 'files', actions: ['read'] }];
      const plugs = [
        resourceIndicators<App>({ resources: { [files]: {} } }),
        authorizationDetails<App, User>({ types: { files: { required: ['actions'], validate: () => true } } }),
      ];
      const params = { resource: files, authorization_details: JSON.stringify([detail]) };
      for (const decision of [{ resources: null }, { resources: files }, { authorizationDetails: null }]) {
        const { id, decide, later } = await waiting({ plugs }, params);
        assert.equal((await decide(id, decision)).status, 500, JSON.stringify(decision));
        assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
      }
    });

    it('RFC 9449: without a proof where the client must be bound, nothing is given, and nothing spent', async () => {
      const bound = { ...POLLING, dpop_bound_access_tokens: true };
      const { id, decide, later } = await waiting({ plugs: [dpop()], clients: [bound] });
      await decide(id).expect(200);
      assert.equal((await later()).status, 400);
      assert.equal((await later()).body.error, 'invalid_dpop_proof');
    });

    it('§4 the metadata says what there is', async () => {
      const setup: BackchannelSetup = { ciba: { algorithms: ['ES256'], verifyUserCode: () => true } };
      const { server } = await waiting(setup, { user_code: 'x' });
      const said = Object.assign({}, ...server.core.extensions.map((one) => one.metadata?.()));
      assert.deepEqual(
        [
          said.backchannel_token_delivery_modes_supported,
          said.backchannel_authentication_request_signing_alg_values_supported,
          said.backchannel_user_code_parameter_supported,
          server.core.routes.get('backchannel_authentication')?.listedAs,
        ],
        [['poll', 'ping'], ['ES256'], true, 'backchannel_authentication_endpoint'],
      );
    });
  });
});
