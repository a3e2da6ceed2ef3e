/** RFC 8628: OAuth 2.0 Device Authorization Grant, over HTTP. */
import assert from 'node:assert/strict';
import {
  AuthorizationError,
  authorizationDetails,
  createServer,
  type DeviceAuthorizationOptions,
  deviceAuthorization,
  dpop,
  type Extension,
  metadata,
  openid,
  pushedRequests,
  type Refusal,
  requestObjects,
  resourceIndicators,
} from 'koauthorize';
import { generateSigningKey, keySet } from 'koauthorize/tokens';
import request from 'supertest';
import { type App, CLIENT, ISSUER, OTHER, type User } from '../support/authorization-server.js';
import { DEVICE_CODE, type DeviceSetup, deviceServer } from '../support/device-server.js';
import { rsaKeys } from '../support/openid-server.js';
import { localsSeen } from '../support/plugged-server.js';

describe('RFC 8628', () => {
  /** A device that has begun, and the browser of its user. */
  async function begun(setup: DeviceSetup = {}, params: Readonly<Record<string, string | undefined>> = {}) {
    const server = deviceServer(setup);
    const { body } = await server.begin(params).expect(200);
    const alice = server.person();
    const dialog = async () => (await alice.type(body.user_code).expect(200)).body;
    /** A poll, after as long as the device has to wait. */
    const later = (more: object = {}) => {
      server.clock.now += 5;
      return server.poll(body.device_code, CLIENT, more);
    };
    return { ...server, device: body, alice, dialog, later };
  }
  const errorOf = async (response: PromiseLike<{ status: number; body: { error?: string } }>) => {
    const { status, body } = await response;
    return [status, body.error];
  };

  describe('§3.1, §3.2 the device begins', () => {
    it('gets two codes, where the user goes, how long it has, and how often it may ask', async () => {
      const { device } = await begun();
      const { device_code, user_code, ...rest } = device;
      assert.match(user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
      assert.match(device_code, /^[\w-]{43}\.\w+$/);
      assert.deepEqual(rest, {
        verification_uri: `${ISSUER}/device`,
        verification_uri_complete: `${ISSUER}/device?user_code=${user_code}`,
        expires_in: 600,
        interval: 5,
      });
    });

    it('§6.1 each letter of the user code is as likely as any other, and codes differ', async () => {
      const server = deviceServer({ device: { publicPerMinute: 100_000 } });
      const counts = new Map<string, number>();
      const codes = new Set<string>();
      for (let i = 0; i < 300; i += 1) {
        const { user_code } = (await server.begin()).body;
        codes.add(user_code);
        for (const letter of user_code.replace('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
      }
      assert.equal(codes.size, 300);
      assert.equal(counts.size, 20);
      for (const count of counts.values())
        assert.ok(count > 60 && count < 190, `${count} of 2,400, which is 120 on average`);
    });

    it('§3.1 as the options say; without the complete address where that is left out', async () => {
      const options = { lifetime: 60, interval: 7, completeURI: false, verificationURL: 'https://tv.example/go' };
      const { body } = await deviceServer({ device: options }).begin().expect(200);
      assert.equal('verification_uri_complete' in body, false);
      assert.deepEqual([body.expires_in, body.interval, body.verification_uri], [60, 7, 'https://tv.example/go']);
    });

    it('§3.1 is refused: without client authentication, and a client that did not register the grant type', async () => {
      const { app, begin } = deviceServer({
        clients: [CLIENT, { ...OTHER, grant_types: ['authorization_code'] } as App],
      });
      const form = () => request(app.callback()).post('/device_authorization').type('form');
      assert.deepEqual(await errorOf(form().send({ client_id: 'client' })), [400, 'invalid_client']);
      assert.deepEqual(await errorOf(form().auth('client', 'wrong').send({ scope: 'read' })), [401, 'invalid_client']);
      assert.deepEqual(await errorOf(begin({}, OTHER)), [400, 'unauthorized_client']);
    });

    it('§3.1 is refused: a scope that the client did not register, and a malformed parameter', async () => {
      const { begin } = deviceServer({ clients: [{ ...CLIENT, scope: 'read' } as App] });
      assert.deepEqual(await errorOf(begin({ scope: 'delete' })), [400, 'invalid_scope']);
      assert.deepEqual(await errorOf(begin({ scope: 'a"b' })), [400, 'invalid_scope']);
      assert.deepEqual(await errorOf(begin({ scope: ['read', 'read'] })), [400, 'invalid_request']);
    });

    it('a public client can begin only publicPerMinute requests in a minute', async () => {
      const open = { ...CLIENT, token_endpoint_auth_method: 'none' } as App;
      const { begin, clock } = deviceServer({ clients: [open], device: { publicPerMinute: 2 } });
      clock.now = Math.ceil(clock.now / 60) * 60;
      await begin().expect(200);
      await begin().expect(200);
      const refused = await begin();
      assert.deepEqual([refused.status, refused.body.error], [429, 'temporarily_unavailable']);
      assert.ok(Number(refused.headers['retry-after']) > 0);
      clock.now += 60;
      await begin().expect(200);
    });

    it('§4 the metadata says where', async () => {
      const { server } = deviceServer({ plug: (server) => void server.extend(metadata()) });
      server.check();
      assert.ok(server.core.routes.get('device_authorization')?.listedAs === 'device_authorization_endpoint');
    });

    it('options that cannot be meant, and missing parts, are refused at start', () => {
      for (const options of [
        { lifetime: 10 },
        { interval: 0 },
        { guesses: 0 },
        { publicPerMinute: -1 },
        { intervall: 5 },
        { url: 'x' },
      ])
        assert.throws(() => deviceAuthorization(options as never), TypeError, JSON.stringify(options));
      assert.throws(() => createServer({ issuer: ISSUER }).extend(deviceAuthorization()).check(), /tokenService/);
    });
  });

  describe('§3.3 the user', () => {
    it('types the code, sees who asks, for what, and where the request came from, and allows it', async () => {
      const { device, alice, dialog, later, tokens } = await begun();
      assert.deepEqual((await alice.open()).body, { page: 'code' });
      const { id, from, req, client, ...rest } = await dialog();
      assert.match(id, /^[\w-]{22}$/);
      assert.deepEqual(rest, { page: 'consent', userCode: device.user_code });
      assert.deepEqual([client.client_id, req.scope, from.userAgent], ['client', ['read', 'write'], 'A television']);
      assert.match(from.address, /127\.0\.0\.1|::1/);
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
      assert.equal((await alice.decide(id).expect(200)).body.page, 'allowed');
      const { body } = await later().expect(200);
      assert.deepEqual([body.token_type, body.scope, typeof body.refresh_token], ['Bearer', 'read write', 'string']);
      assert.equal((await tokens.verify(body.access_token))?.subject, 'alice');
    });

    it('may type it in small letters, without the dash, and with spaces', async () => {
      const { device, alice } = await begun();
      const plain = device.user_code.replace('-', '');
      for (const typed of [plain, plain.toLowerCase(), `  ${plain.slice(0, 2)} ${plain.slice(2)} `, device.user_code])
        assert.equal((await alice.type(typed)).body.page, 'consent', typed);
    });

    it('§3.3.1 a link with the user code fills in the code: it neither looks it up nor allows anything', async () => {
      const { device, alice, later } = await begun();
      const { body } = await alice.open({ user_code: device.user_code }).expect(200);
      assert.deepEqual(body, { page: 'code', userCode: device.user_code });
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    });

    it('denies it', async () => {
      const { alice, dialog, later } = await begun();
      const { id } = await dialog();
      assert.equal((await alice.decide(id, { cancel: 'yes' })).body.page, 'denied');
      assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
    });

    it('grants the ticked scopes that the application returns; with nothing ticked it is a denial', async () => {
      const decision: DeviceAuthorizationOptions['decision'] = (_ctx, { scope = [] }) => ({ scope: [scope].flat() });
      const part = await begun({ device: { decision } }, { scope: 'read write delete' });
      await part.alice.decide((await part.dialog()).id, { scope: ['read', 'write'] }).expect(200);
      assert.equal((await part.later().expect(200)).body.scope, 'read write');
      const nothing = await begun({ device: { decision } });
      assert.equal((await nothing.alice.decide((await nothing.dialog()).id)).body.page, 'denied');
      assert.deepEqual(await errorOf(nothing.later()), [400, 'access_denied']);
    });

    it('grants nothing if the application forgets to return what it read', async () => {
      const { alice, dialog, later } = await begun({ device: { decision: (() => undefined) as never } });
      await alice.decide((await dialog()).id).expect(500);
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    });

    it('locals of the decision reach the steps of extensions, as at the authorization endpoint', async () => {
      const { seen, extension } = localsSeen();
      const decision = () => [{ scope: 'read' }, { from: 'the form' }] as const;
      const { alice, dialog, later } = await begun({ plugs: [extension], device: { decision } });
      await alice.decide((await dialog()).id).expect(200);
      assert.equal((await later().expect(200)).body.scope, 'read');
      assert.deepEqual(seen, [{ from: 'the form' }]);
    });

    it('denies by a button without a value, too', async () => {
      const { alice, dialog, later } = await begun();
      assert.equal((await alice.decide((await dialog()).id, { cancel: '' })).body.page, 'denied');
      assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
    });

    it('the form decides nothing that the application does not read', async () => {
      const { alice, dialog, later } = await begun();
      await alice.decide((await dialog()).id, { scope: ['admin', 'root'], allow: 'true' }).expect(200);
      assert.equal((await later().expect(200)).body.scope, 'read write');
    });

    it('who is not logged in logs in first, and the code is not tried', async () => {
      const { device, person } = await begun();
      const { body } = await person('').type(device.user_code).expect(200);
      assert.deepEqual(body, { page: 'login', prompts: ['login'], userCode: device.user_code });
    });

    it('what an extension requires of the user comes first, and no posted decision passes it', async () => {
      let isDue = false;
      const requiring: Extension<App, User> = {
        name: 'requiring',
        authorization: { prompt: async () => (isDue ? ['second factor'] : []) },
      };
      const { alice, dialog, later } = await begun({ plugs: [requiring] });
      const { id } = await dialog();
      isDue = true;
      await alice.decide(id).expect(403);
      const { page, prompts } = await dialog();
      assert.deepEqual([page, prompts], ['login', ['second factor']]);
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending'], 'and the device still waits');
    });

    it('what an extension refuses at the decision is not given, and the device still waits', async () => {
      let refuses = true;
      const refusing: Extension<App, User> = {
        name: 'refusing',
        authorization: {
          async decide() {
            if (refuses) throw new AuthorizationError('Not today', 'invalid_request');
          },
        },
      };
      const { alice, dialog, later } = await begun({ plugs: [refusing] });
      await alice.decide((await dialog()).id).expect(400);
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
      refuses = false;
      await alice.decide((await dialog()).id).expect(200);
      await later().expect(200);
    });

    it('RFC 9396 §3: where none of the details is granted, and there is no scope, it is a denial', async () => {
      const detail = { type: 'payment', identifier: 'one' };
      const types = { payment: { required: ['identifier'], validate: () => true } };
      const setup = {
        plugs: [authorizationDetails<App, User>({ types })],
        device: { decision: () => ({ authorizationDetails: [] }) },
      };
      const params = { scope: undefined, authorization_details: JSON.stringify([detail]) };
      const { app, alice, dialog, later } = await begun(setup, params);
      const refusals: Refusal[] = [];
      app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
      assert.equal((await alice.decide((await dialog()).id).expect(200)).body.page, 'denied');
      assert.deepEqual(
        refusals.map(({ endpoint, rule, clientID }) => [endpoint, rule, clientID]),
        [['device_decision', 'details-denied', 'client']],
      );
      assert.deepEqual(await errorOf(later()), [400, 'access_denied']);
    });

    it('a scope that is taken from the registration while the dialog is open is not granted', async () => {
      const app = { ...CLIENT, scope: 'read write' };
      const { alice, dialog, later } = await begun({ clients: [app as App] });
      const { id } = await dialog();
      app.scope = 'read';
      assert.equal((await alice.decide(id)).status, 400);
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
    });

    it('where the device has no time left, or its client is gone, the decision is refused', async () => {
      const clients = [CLIENT, OTHER];
      const { alice, dialog, clock } = await begun({ clients });
      const [one, two] = [(await dialog()).id, (await dialog()).id];
      clients.shift();
      await alice.decide(one).expect(403);
      clients.unshift(CLIENT);
      clock.now += 599.9;
      clock.now += 1;
      await alice.decide(two).expect(403);
    });

    it('a decision counts only from the page that was shown in this browser, to this user, once', async () => {
      const { alice, person, dialog, later } = await begun();
      const { id } = await dialog();
      await person('bob').decide(id).expect(403);
      await person('alice').decide(id).expect(403);
      await alice.decide('made-up-id-of-22-chars').expect(403);
      const shown = (await dialog()).id;
      await alice.decide(shown, {}, 'bob').expect(403); // who has logged in here since
      assert.deepEqual(await errorOf(later()), [400, 'authorization_pending']);
      await alice.decide(id).expect(200);
      await alice.decide(id, { cancel: 'yes' }).expect(403);
      await later().expect(200);
    });

    it('the pages cannot be framed, or read from a cache', async () => {
      const { alice, device } = await begun();
      for (const { headers } of [await alice.open(), await alice.type(device.user_code)]) {
        assert.match(
          String(headers['content-security-policy'] ?? headers['x-frame-options']),
          /frame-ancestors 'none'|DENY/,
        );
        assert.equal(headers['cache-control'], 'no-store');
      }
    });

    it('§5.1 a user has a limited number of wrong guesses, and other users are not affected', async () => {
      const { alice, person, device, clock } = await begun({ device: { guesses: 3 } });
      clock.now = Math.ceil(clock.now / 900) * 900;
      for (let guess = 0; guess < 3; guess += 1) assert.equal((await alice.type('BBBB-BBBB')).body.problem, 'unknown');
      assert.equal((await alice.type('BBBB-BBBC')).body.problem, 'too many');
      assert.equal((await alice.type(device.user_code)).body.problem, 'too many', 'the right one, too');
      assert.notEqual((await person('bob').type('BBBB-BBBB')).body.problem, 'too many');
      clock.now += 900;
      assert.equal((await alice.type('BBBB-BBBB')).body.problem, 'unknown');
    });

    for (const between of ['\u2013', '.', '_', '\u200b', ' - ', '\u2014 '])
      it(`§6.1 characters that no code has are left out of what is typed: ${JSON.stringify(between)}`, async () => {
        const { alice, device } = await begun();
        const typed = `${device.user_code.toLowerCase().replace('-', between)}.`;
        assert.notEqual((await alice.type(typed).expect(200)).body.page, 'code');
      });

    for (const typed of ['', ' ', 'AAAA-AAAA', 'BBBB-BBB', 'BBBB-BBBB-B', 'x'.repeat(1000), '__proto__', '"}'])
      it(`is told that ${JSON.stringify(typed.slice(0, 20))} is no code`, async () => {
        const { alice } = await begun();
        const { body } = await alice.type(typed).expect(200);
        assert.equal(body.page, 'code');
      });
  });

  describe('§3.4, §3.5 the device asks', () => {
    it('a poll that is too early gets slow_down, and a poll in time does not', async () => {
      const { device, poll, clock } = await begun();
      clock.now = Math.ceil(clock.now / 4.5) * 4.5;
      assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'authorization_pending']);
      clock.now += 4;
      assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'slow_down']);
      clock.now += 1;
      assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'authorization_pending']);
    });

    it('an expired request: the device gets expired_token, and the user cannot decide any more', async () => {
      const { alice, device, dialog, later, clock } = await begun();
      const { id } = await dialog();
      clock.now += 601;
      assert.deepEqual(await errorOf(later()), [400, 'expired_token']);
      assert.equal((await alice.type(device.user_code)).body.problem, 'unknown');
      await alice.decide(id).expect(403);
    });

    it('gets tokens once', async () => {
      const { alice, dialog, later } = await begun();
      await alice.decide((await dialog()).id).expect(200);
      await later().expect(200);
      assert.deepEqual(await errorOf(later()), [400, 'invalid_grant']);
    });

    it('§3.5 what is over is answered so at once, and not by slow_down, which would tell the device to go on', async () => {
      for (const [params, first, error] of [
        [{}, 200, 'invalid_grant'],
        [{ cancel: 'yes' }, 400, 'access_denied'],
      ] as const) {
        const { alice, device, dialog, later, poll } = await begun();
        await alice.decide((await dialog()).id, params).expect(200);
        await later().expect(first);
        for (let again = 0; again < 3; again += 1)
          assert.deepEqual(await errorOf(poll(device.device_code)), [400, error]);
        const [code, end] = device.device_code.split('.');
        for (const guess of [`${code}x.${end}`, device.device_code])
          assert.deepEqual(await errorOf(poll(guess, OTHER)), [400, 'invalid_grant'], 'nobody else learns anything');
      }
    });

    it('§3.5 a device that may still get its tokens has to keep the interval', async () => {
      const { alice, device, dialog, poll, clock } = await begun();
      clock.now = Math.ceil(clock.now / 4.5) * 4.5;
      assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'authorization_pending']);
      await alice.decide((await dialog()).id).expect(200);
      assert.deepEqual(await errorOf(poll(device.device_code)), [400, 'slow_down']);
      clock.now += 5;
      await poll(device.device_code).expect(200);
    });

    it('another client gets no tokens, and does not spend the device code', async () => {
      const { alice, device, dialog, later, poll, clock } = await begun();
      assert.deepEqual(await errorOf(poll(device.device_code, OTHER)), [400, 'invalid_grant']);
      await alice.decide((await dialog()).id).expect(200);
      clock.now += 10;
      assert.deepEqual(await errorOf(poll(device.device_code, OTHER)), [400, 'invalid_grant']);
      await later().expect(200);
    });

    for (const code of ['', 'x', 'made-up.zzzzzz', `${'x'.repeat(43)}.zzzzzz`, 'x'.repeat(5000), '.', '..'])
      it(`is told that ${JSON.stringify(code.slice(0, 20))} is no device code`, async () => {
        const { poll } = await begun();
        const { status, body } = await poll(code);
        assert.ok([400, 413].includes(status) && ['invalid_grant', 'invalid_request'].includes(body.error), body.error);
      });

    it('what an extension throws at the answer costs the device nothing', async () => {
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
      const { alice, dialog, later } = await begun({ plugs: [failing] });
      await alice.decide((await dialog()).id).expect(200);
      await later().expect(500);
      fails = false;
      await later().expect(200);
    });
  });

  describe('races', () => {
    it('of concurrent decisions in several tabs, one counts, and the device gets that decision', async () => {
      for (let round = 0; round < 10; round += 1) {
        const { person, device, later } = await begun();
        const tabs = await Promise.all(
          Array.from({ length: 6 }, async (_, index) => {
            const tab = person();
            const { id } = (await tab.type(device.user_code)).body;
            return () => tab.decide(id, index % 2 === 0 ? {} : { cancel: 'yes' });
          }),
        );
        const answers = await Promise.all(tabs.map((decide) => decide()));
        const counted = answers.filter(({ status }) => status === 200);
        assert.equal(counted.length, 1);
        const isAllowed = counted[0]?.body.page === 'allowed';
        assert.deepEqual(await errorOf(later()), isAllowed ? [200, undefined] : [400, 'access_denied']);
      }
    });

    it('of 50 concurrent polls, at most one gets tokens', async () => {
      const { alice, device, dialog, poll, clock } = await begun({ device: { interval: 1 } });
      await alice.decide((await dialog()).id).expect(200);
      clock.now += 5;
      const polls = await Promise.all(Array.from({ length: 50 }, () => poll(device.device_code)));
      assert.equal(polls.filter(({ status }) => status === 200).length, 1);
    });
  });

  describe('with other specifications', () => {
    it('OpenID Connect: an ID token for the scope openid', async () => {
      const keys = await keySet({ signing: await generateSigningKey('RS256') });
      const clients = [CLIENT, OTHER];
      const find = (id: string) => clients.find(({ client_id }) => client_id === id);
      const { alice, dialog, later } = await begun(
        { plugs: [openid()], options: { issuer: ISSUER, keys, clients: { find } } },
        { scope: 'openid read' },
      );
      await alice.decide((await dialog()).id).expect(200);
      assert.equal(typeof (await later().expect(200)).body.id_token, 'string');
    });

    it('RFC 8707, RFC 9396: the tokens are for what was asked for, and the user sees it', async () => {
      const [files, mail] = ['https://files.example/', 'https://mail.example/'];
      const detail = { type: 'files', actions: ['read'] };
      const plugs = [
        resourceIndicators<App>({ resources: { [files]: {}, [mail]: {} } }),
        authorizationDetails<App, User>({ types: { files: { required: ['actions'], validate: () => true } } }),
      ];
      const params = { resource: files, authorization_details: JSON.stringify([detail]) };
      const { alice, dialog, later, tokens, begin } = await begun({ plugs }, params);
      const { id, req } = await dialog();
      assert.deepEqual([req.resources, req.authorizationDetails], [[files], [detail]]);
      await alice.decide(id).expect(200);
      assert.deepEqual(await errorOf(later({ resource: mail })), [400, 'invalid_target']);
      const { body } = await later().expect(200);
      const token = await tokens.verify(body.access_token);
      assert.deepEqual([token?.audience, body.authorization_details], [[files], [detail]]);
      assert.deepEqual(await errorOf(begin({ resource: 'https://other.example/' })), [400, 'invalid_target']);
    });

    it('RFC 9101: a device cannot sign its requests, so that none need be signed; a request object is refused, and not ignored', async () => {
      const asks = { ...CLIENT, require_signed_request_object: true } as App;
      const required = requestObjects<App, User>({ required: true });
      const setups: readonly DeviceSetup[] = [
        { plugs: [requestObjects()] },
        { plugs: [required] },
        { plugs: [requestObjects()], clients: [asks] },
        { plugs: [required, openid()], options: { keys: await rsaKeys() } },
        { plugs: [pushedRequests({ required: true }), required] },
      ];
      for (const setup of setups) {
        const { begin } = deviceServer(setup);
        await begin().expect(200);
        for (const scope of ['read', 'openid'])
          assert.deepEqual(await errorOf(begin({ scope, request: 'x' })), [400, 'request_not_supported']);
        assert.deepEqual(await errorOf(begin({ request_uri: 'https://x.example' })), [400, 'invalid_request_uri']);
      }
    });

    it('RFC 9449: without a proof where the client must be bound, nothing is given, and nothing spent', async () => {
      const bound = { ...CLIENT, dpop_bound_access_tokens: true } as App;
      const { alice, dialog, later } = await begun({ plugs: [dpop()], clients: [bound] });
      await alice.decide((await dialog()).id).expect(200);
      assert.equal((await later()).status, 400);
      assert.equal((await later()).status, 400);
    });

    it(`${DEVICE_CODE} is a grant type that a client registers`, async () => {
      const registered = { ...CLIENT, grant_types: [DEVICE_CODE], response_types: [] } as App;
      const { alice, dialog, later } = await begun({ clients: [registered] });
      await alice.decide((await dialog()).id).expect(200);
      await later().expect(200);
    });
  });
});
