/** RFC 8628 with OpenID Connect Core §3.1.2.1 and RFC 9470: what a device asks of the login of its user, over HTTP. */
import assert from 'node:assert/strict';
import { type OpenIDOptions, openid, stepUp } from 'koauthorize';
import { type App, CLIENT, ISSUER, type Params, type User } from '../support/authorization-server.js';
import { cibaKeys } from '../support/backchannel-server.js';
import { type DeviceSetup, deviceServer } from '../support/device-server.js';
import { type Interception, interceptedStore } from '../support/intercepted-store.js';

/** When every server of these tests begins. */
const START = 1_767_225_600;

describe('RFC 8628: the login that a device asks for', () => {
  /** A device that has begun, and a user who logged in an hour ago. */
  async function begun(
    params: Params,
    { clients = [CLIENT], ...setup }: DeviceSetup = {},
    options: OpenIDOptions = {},
  ) {
    const login: { authenticatedAt?: number } = { authenticatedAt: START - 3600 };
    const find = (id: string) => clients.find(({ client_id }) => client_id === id);
    const keys = await cibaKeys();
    const server = deviceServer({
      plugs: [openid<App, User>(options as OpenIDOptions<App, User>)],
      options: { issuer: ISSUER, keys, clients: { find }, authenticationEvent: () => ({ ...login }) },
      clients,
      ...setup,
    });
    const { body } = await server.begin({ scope: 'openid read', ...params }).expect(200);
    const alice = server.person();
    const shown = async () => (await alice.type(body.user_code).expect(200)).body;
    const logIn = () => {
      server.clock.now += 20;
      login.authenticatedAt = server.clock.now;
      server.clock.now += 20;
    };
    const later = () => {
      server.clock.now += 5;
      return server.poll(body.device_code);
    };
    return { ...server, login, alice, shown, logIn, later };
  }

  /** The user has to log in, does so, and allows it. */
  async function allowsAfterLogin({ shown, logIn, alice, later, clock }: Awaited<ReturnType<typeof begun>>) {
    clock.now += 10;
    const { page, prompts, id } = await shown();
    assert.deepEqual([page, prompts, id], ['login', ['login'], undefined]);
    assert.equal((await shown()).page, 'login', 'to type the code again is no login');
    logIn();
    const dialog = await shown();
    assert.equal(dialog.page, 'consent');
    await alice.decide(dialog.id).expect(200);
    await later().expect(200);
  }

  for (const params of [{ prompt: 'login' }, { max_age: '0' }, { max_age: '10' }, { prompt: 'login', max_age: '10' }])
    it(`${JSON.stringify(params)}: a login since the device began allows it, and no earlier one`, async () =>
      allowsAfterLogin(await begun(params)));

  it('a client whose ID tokens no key signs by its algorithm is refused before the user is asked', async () => {
    const client = { ...CLIENT, id_token_signed_response_alg: 'HS256' } as App;
    const keys = await cibaKeys();
    const options = { issuer: ISSUER, keys, clients: { find: () => client } };
    const server = deviceServer({ plugs: [openid<App, User>()], options, clients: [client] });
    assert.equal((await server.begin({ scope: 'openid' }, client).expect(400)).body.error, 'unauthorized_client');
    await server.begin({ scope: 'read' }, client).expect(200);
  });

  it('default_max_age=0 of the client: the same', async () =>
    allowsAfterLogin(await begun({}, { clients: [{ ...CLIENT, default_max_age: 0 } as App] })));

  it('RFC 9470: max_age=0, the same', async () =>
    allowsAfterLogin(await begun({ scope: 'read', max_age: '0' }, { plugs: [stepUp()] })));

  it('a login in the second in which the device began may have been before it', async () => {
    const { login, shown } = await begun({ prompt: 'login' });
    login.authenticatedAt = START;
    assert.equal((await shown()).page, 'login');
    login.authenticatedAt = START + 1;
    assert.equal((await shown()).page, 'consent');
  });

  it('a posted decision is judged by the same time: where the user is logged in as before, it is refused, and the device waits', async () => {
    const { login, shown, logIn, alice, later } = await begun({ prompt: 'login' });
    logIn();
    const { id } = await shown();
    login.authenticatedAt = START - 3600;
    await alice.decide(id).expect(403);
    assert.equal((await later()).body.error, 'authorization_pending');
  });

  it('max_age: a login that was recent enough when the device began stays so, as at the authorization endpoint', async () => {
    const { shown, clock, alice, later } = await begun({ max_age: '3600' });
    clock.now += 60;
    const { page, id } = await shown();
    assert.equal(page, 'consent');
    await alice.decide(id).expect(200);
    await later().expect(200);
  });

  it('a device that an earlier version has stored is judged by the time at which it is shown', async () => {
    const store = interceptedStore();
    const earlier: Interception = async (call, kind, proceed) => {
      const found = await proceed();
      if (call !== 'get' || kind !== 'request' || !found) return found;
      const { at, ...rest } = found as { at?: number };
      assert.equal(at, START);
      return rest;
    };
    const { shown, logIn, clock, alice, later } = await begun({ max_age: '60' }, { device: { store: store.store } });
    store.intercept = earlier;
    assert.equal((await shown()).page, 'login');
    logIn();
    const { page, id } = await shown();
    assert.equal(page, 'consent');
    clock.now += 50; // the login is older than max_age by now, and was not when the dialog was shown
    await alice.decide(id).expect(200);
    await later().expect(200);
  });

  for (const prompt of ['select_account', 'create', 'select_account create'])
    it(`prompt=${prompt} is ignored: whoever types the code has chosen the account`, async () => {
      const promptValues = ['login', 'select_account', 'create'] as const;
      const { shown, alice, later } = await begun({ prompt }, {}, { promptValues });
      const { page, id, req } = await shown();
      assert.deepEqual([page, req.prompt], ['consent', undefined]);
      await alice.decide(id).expect(200);
      await later().expect(200);
    });

  it('beside select_account, login is asked for', async () =>
    allowsAfterLogin(await begun({ prompt: 'select_account login' })));

  it('a prompt that the server does not have is refused', async () => {
    const { begin } = await begun({});
    const { status, body } = await begin({ scope: 'openid', prompt: 'create' });
    assert.deepEqual([status, body.error], [400, 'invalid_request']);
  });
});
