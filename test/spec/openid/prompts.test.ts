/** OpenID Connect Core §3.1.2.1, §3.1.2.3, §5.5.1: what the user has to do first, as a table of states. */
import assert from 'node:assert/strict';
import type { KeySet } from 'koauthorize/tokens';
import { exchangeCode, redirected } from '../../support/authorization-server.js';
import { assertErrorHere } from '../../support/form.js';
import { type OpenIDServer, type OpenIDSetup, openidServer, rsaKeys } from '../../support/openid-server.js';

type Words = readonly string[];
/** Who is logged in, since how many seconds, and whether they have consented before. */
interface State {
  readonly user: 'alice' | undefined;
  readonly consented: boolean;
}

const NOBODY: State = { user: undefined, consented: false };
const NEW: State = { user: 'alice', consented: false };
const KNOWN: State = { user: 'alice', consented: true };

const PROMPTS = ['login', 'consent', 'select_account', 'create'] as const;
const LOGIN_AGE = 100;

describe('OpenID Connect Core §3.1.2.1: prompts', () => {
  let keys: KeySet;
  before(async () => {
    keys = await rsaKeys();
  });

  function made(state: State, setup: Partial<OpenIDSetup> = {}): OpenIDServer {
    const server = openidServer({ keys, ...setup, openid: { promptValues: [...PROMPTS], ...setup.openid } });
    server.logins.set('alice', { authenticatedAt: server.clock.now - LOGIN_AGE, acr: 'pwd' });
    if (state.consented) server.consented.add('alice');
    return server;
  }

  /** Either what the page has to ask, or the error that the client is told, or a code. */
  async function outcome(server: OpenIDServer, params: object, user: string | undefined): Promise<Words | string> {
    const response = await server.visitor().open({ ...params }, user);
    if (response.status === 200) return response.body.prompts;
    const { error, code } = redirected(response);
    return error ?? (code ? 'code' : response.text);
  }

  const hint = async (server: OpenIDServer, user: string): Promise<string> => {
    const { open, decide } = server.visitor();
    const page = await open({}, user);
    const { code } = redirected(page.status === 200 ? await decide(page.body.transactionID, user) : page);
    return (await exchangeCode(server.app, code).expect(200)).body.id_token;
  };

  // prompt × who is logged in × consent: what the user is asked
  const table: readonly [
    prompt: string | undefined,
    nobody: Words | string,
    new_: Words | string,
    known: Words | string,
  ][] = [
    [undefined, ['login'], ['consent'], 'code'],
    ['none', 'login_required', 'consent_required', 'code'],
    ['login', ['login'], ['login'], ['login']],
    ['consent', ['login', 'consent'], ['consent'], ['consent']],
    ['login consent', ['login', 'consent'], ['login', 'consent'], ['login', 'consent']],
    ['select_account', ['login', 'select_account'], ['select_account'], ['select_account']],
    ['create', ['create'], ['create'], ['create']],
    ['create consent', ['create', 'consent'], ['create', 'consent'], ['create', 'consent']],
  ];
  for (const [prompt, nobody, new_, known] of table) {
    it(`prompt=${prompt}: nobody is logged in, somebody is, somebody has consented before`, async () => {
      for (const [state, expected] of [
        [NOBODY, nobody],
        [NEW, new_],
        [KNOWN, known],
      ] as const)
        assert.deepEqual(await outcome(made(state), { prompt }, state.user), expected, JSON.stringify(state));
    });
  }

  // what else is asked of the login, without and with prompt=none
  const logins: readonly [what: string, params: object, expected: Words | string, none: string][] = [
    ['max_age that is long enough', { max_age: String(LOGIN_AGE) }, 'code', 'code'],
    ['max_age that is too short', { max_age: String(LOGIN_AGE - 1) }, ['login'], 'login_required'],
    ['max_age=0', { max_age: '0' }, ['login'], 'login_required'],
    ['acr_values that the login has', { acr_values: 'pwd' }, 'code', 'code'],
    ['acr_values that it has not: voluntary', { acr_values: 'mfa' }, 'code', 'code'],
    ['acr as a voluntary claim', { claims: '{"id_token":{"acr":{"value":"mfa"}}}' }, 'code', 'code'],
    [
      'acr as an essential claim that it has',
      { claims: '{"id_token":{"acr":{"essential":true,"values":["mfa","pwd"]}}}' },
      'code',
      'code',
    ],
    ['acr as an essential claim, any', { claims: '{"id_token":{"acr":{"essential":true}}}' }, 'code', 'code'],
    [
      'acr as an essential claim, of values',
      { claims: '{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}' },
      ['login'],
      'login_required',
    ],
    [
      'acr as an essential claim, of a value',
      { claims: '{"id_token":{"acr":{"essential":true,"value":"mfa"}}}' },
      ['login'],
      'login_required',
    ],
    ['sub of the user', { claims: '{"id_token":{"sub":{"value":"alice"}}}' }, 'code', 'code'],
    ['sub, one of several', { claims: '{"id_token":{"sub":{"values":["bob","alice"]}}}' }, 'code', 'code'],
    ['sub, of nobody in particular', { claims: '{"id_token":{"sub":null}}' }, 'code', 'code'],
    ['sub of another user', { claims: '{"id_token":{"sub":{"value":"bob"}}}' }, ['login'], 'login_required'],
  ];
  for (const [what, params, expected, none] of logins) {
    it(`${what}: ${String(expected)}, and with prompt=none ${none}`, async () => {
      assert.deepEqual(await outcome(made(KNOWN), params, 'alice'), expected);
      assert.deepEqual(await outcome(made(KNOWN), { ...params, prompt: 'none' }, 'alice'), none);
    });
  }

  for (const prompt of [undefined, 'none', 'consent'] as const) {
    it(`id_token_hint and prompt=${prompt}: of the user, of another one, and with nobody logged in`, async () => {
      const server = made(KNOWN);
      server.consented.add('bob');
      const [alices, bobs] = [await hint(server, 'alice'), await hint(server, 'bob')];
      const own = prompt === 'consent' ? ['consent'] : 'code';
      const others = prompt === 'none' ? 'login_required' : ['login', ...(prompt === 'consent' ? ['consent'] : [])];
      assert.deepEqual(await outcome(server, { prompt, id_token_hint: alices }, 'alice'), own);
      assert.deepEqual(await outcome(server, { prompt, id_token_hint: bobs }, 'alice'), others);
      assert.deepEqual(await outcome(server, { prompt, id_token_hint: alices }, undefined), others);
    });
  }

  it('id_token_hint of one user and sub of another: nobody is both', async () => {
    const server = made(KNOWN);
    const id_token_hint = await hint(server, 'alice');
    const claims = '{"id_token":{"sub":{"value":"bob"}}}';
    assert.deepEqual(await outcome(server, { id_token_hint, claims }, 'alice'), ['login']);
    assert.equal(await outcome(server, { id_token_hint, claims, prompt: 'none' }, 'alice'), 'login_required');
  });

  it('§8: the requested sub is compared with the subject that the client knows', async () => {
    const openid = { subjectFor: (subject: string) => `x-${subject}` };
    const server = made(KNOWN, { openid });
    const id_token_hint = await hint(server, 'alice');
    assert.equal(await outcome(server, { prompt: 'none', id_token_hint }, 'alice'), 'code');
    const claims = (value: string) => JSON.stringify({ id_token: { sub: { value } } });
    assert.equal(await outcome(server, { claims: claims('x-alice') }, 'alice'), 'code');
    assert.deepEqual(await outcome(server, { claims: claims('alice') }, 'alice'), ['login']);
  });

  it('prompt=none: what another extension requires is account_selection_required, or interaction_required', async () => {
    for (const [word, error] of [
      ['mfa', 'interaction_required'],
      ['select_account', 'account_selection_required'],
    ] as const) {
      const other = { name: 'other', authorization: { prompt: () => [word] } };
      const server = made(KNOWN, { plug: (as) => as.extend(other) });
      assert.equal(await outcome(server, { prompt: 'none' }, 'alice'), error);
    }
    assert.equal(await outcome(made(KNOWN), { prompt: 'none select_account' }, 'alice'), 'invalid_request');
  });

  it('prompt=none is answered in the response mode of the request', async () => {
    const { visitor } = made(NOBODY, { openid: { responseTypes: ['id_token'] } });
    const implicit = {
      code_challenge: undefined,
      code_challenge_method: undefined,
      response_type: 'id_token',
      nonce: 'n',
    };
    const response = await visitor().open({ ...implicit, prompt: 'none' });
    assert.match(response.headers['location'] ?? '', /#error=login_required/);
  });

  it('without the scope openid a user who is not logged in has to log in, too', async () => {
    assert.deepEqual(await outcome(made(NOBODY), { scope: 'read' }, undefined), ['login']);
  });

  describe('a completed prompt counts, and the request is not lost', () => {
    /** Each step: who comes back, what they have done, and what is due then: words of the page, an error, or a code. */
    type Step = readonly [user: string | undefined, did: string, due: Words | string];
    const ways: readonly [what: string, state: State, params: object, first: Words, steps: readonly Step[]][] = [
      ['login after authorization()', NOBODY, {}, ['login'], [['alice', 'login', ['consent']]]],
      ['login of a user who has consented', { ...KNOWN, user: undefined }, {}, ['login'], [['alice', 'login', 'code']]],
      [
        'a login page that was left',
        NOBODY,
        {},
        ['login'],
        [
          [undefined, '', ['login']],
          ['alice', 'login', ['consent']],
        ],
      ],
      ['prompt=login, met by a login', KNOWN, { prompt: 'login' }, ['login'], [['alice', 'login', 'code']]],
      ['prompt=login, and back without one', KNOWN, { prompt: 'login' }, ['login'], [['alice', '', ['login']]]],
      ['prompt=login, as another user', KNOWN, { prompt: 'login' }, ['login'], [['bob', 'login', ['consent']]]],
      [
        'prompt=login consent',
        KNOWN,
        { prompt: 'login consent' },
        ['login', 'consent'],
        [['alice', 'login', ['consent']]],
      ],
      [
        'prompt=select_account, the same',
        KNOWN,
        { prompt: 'select_account' },
        ['select_account'],
        [['alice', 'select_account', 'code']],
      ],
      [
        'prompt=select_account, another',
        KNOWN,
        { prompt: 'select_account' },
        ['select_account'],
        [['bob', 'select_account', ['consent']]],
      ],
      [
        'prompt=select_account, by a login',
        KNOWN,
        { prompt: 'select_account' },
        ['select_account'],
        [['bob', 'login', ['consent']]],
      ],
      [
        'prompt=login select_account: both',
        KNOWN,
        { prompt: 'login select_account' },
        ['login', 'select_account'],
        [
          ['bob', 'select_account', ['login']],
          ['bob', 'login', ['consent']],
        ],
      ],
      ['prompt=create', NOBODY, { prompt: 'create' }, ['create'], [['carol', 'create', ['consent']]]],
      [
        'prompt=create, of who is logged in',
        KNOWN,
        { prompt: 'create' },
        ['create'],
        [
          ['alice', '', ['create']],
          ['carol', 'create', ['consent']],
        ],
      ],
      ['prompt=create, left for a login', NOBODY, { prompt: 'create' }, ['create'], [['alice', 'login', ['create']]]],
      [
        'max_age=0',
        KNOWN,
        { max_age: '0' },
        ['login'],
        [
          ['alice', '', ['login']],
          ['alice', 'login', 'code'],
        ],
      ],
      [
        'another sub, met',
        KNOWN,
        { claims: '{"id_token":{"sub":{"value":"bob"}}}' },
        ['login'],
        [['bob', 'login', ['consent']]],
      ],
      [
        'another sub, not met',
        KNOWN,
        { claims: '{"id_token":{"sub":{"value":"bob"}}}' },
        ['login'],
        [
          ['alice', '', ['login']],
          ['alice', 'login', 'login_required'],
        ],
      ],
      [
        'another sub, not met by a choice',
        KNOWN,
        { claims: '{"id_token":{"sub":{"value":"bob"}}}' },
        ['login'],
        [['alice', 'select_account', 'login_required']],
      ],
      [
        'essential acr, not met',
        KNOWN,
        { claims: '{"id_token":{"acr":{"essential":true,"value":"mfa"}}}' },
        ['login'],
        [['alice', 'login', 'unmet_authentication_requirements']],
      ],
    ];
    for (const [what, state, params, first, steps] of ways) {
      it(`${what}: ${first.join(' ')}, then ${steps.map(([, , due]) => [due].flat().join(' ')).join(', then ')}`, async () => {
        const server = made(state);
        const { open, resume, decide } = server.visitor();
        const { transactionID, prompts } = (await open({ ...params, nonce: 'n' }, state.user).expect(200)).body;
        assert.deepEqual(prompts, first);
        let user: string | undefined = state.user;
        let due: Words | string = first;
        for (const [who, did, then] of steps) {
          user = who;
          // a decision that is posted in between skips nothing
          if (due.includes('login') || due.includes('create') || due.includes('select_account'))
            assertErrorHere(await decide(transactionID, state.user), 403, 'access_denied');
          server.clock.now += 5;
          if (did === 'login') server.logins.set(who ?? '', { authenticatedAt: server.clock.now, acr: 'pwd' });
          const response = await resume(transactionID, who, did);
          if (typeof then === 'string') {
            const { error, code } = redirected(response);
            assert.equal(error ?? (code && 'code'), then);
            continue;
          }
          assert.deepEqual([response.body.prompts, response.body.transactionID], [then, transactionID], response.text);
          assert.equal(response.body.req.nonce, 'n');
          due = then;
        }
        if (typeof due === 'string' || !due.every((word) => word === 'consent')) return;
        if (typeof steps.at(-1)?.[2] === 'string') return;
        assert.ok(redirected(await decide(transactionID, user))['code']);
      });
    }

    it('a reload, the back button and a second tab: each page waits for itself', async () => {
      const server = made(KNOWN);
      const { open, resume, decide } = server.visitor();
      const first = (await open({ prompt: 'login', state: 'first' }, 'alice')).body;
      const reloaded = (await open({ prompt: 'login', state: 'first' }, 'alice')).body;
      const second = (await open({ state: 'second', prompt: 'consent' }, 'alice')).body;
      assert.deepEqual([first.prompts, reloaded.prompts, second.prompts], [['login'], ['login'], ['consent']]);
      server.logins.set('alice', { authenticatedAt: server.clock.now, acr: 'pwd' });
      assert.equal(redirected(await resume(first.transactionID, 'alice', 'login'))['state'], 'first');
      // what was done for one page was not done for the other
      assert.deepEqual((await resume(reloaded.transactionID, 'alice')).body.prompts, ['login']);
      assert.equal(redirected(await decide(second.transactionID, 'alice'))['state'], 'second');
      assertErrorHere(await resume(second.transactionID, 'alice'), 403, 'access_denied');
    });

    it('a login since the request counts, also where nobody has told `done` of it: that of another tab', async () => {
      const server = made(KNOWN);
      const { open, resume } = server.visitor();
      const { transactionID } = (await open({ prompt: 'login' }, 'alice')).body;
      server.clock.now += 1;
      server.logins.set('alice', { authenticatedAt: server.clock.now, acr: 'pwd' });
      assert.ok(redirected(await resume(transactionID, 'alice'))['code']);
    });

    it('a login in the same second as the request does not count as a login for that request', async () => {
      const server = made(KNOWN);
      server.logins.set('alice', { authenticatedAt: server.clock.now, acr: 'pwd' });
      const { open, resume } = server.visitor();
      for (const params of [{ prompt: 'login' }, { max_age: '0' }]) {
        const { transactionID, prompts } = (await open(params, 'alice')).body;
        assert.deepEqual(prompts, ['login']);
        assert.deepEqual((await resume(transactionID, 'alice')).body.prompts, ['login']);
      }
    });

    it('§5.5.1.1 an essential acr that logins here can have is asked for until the login has it, in several steps', async () => {
      const server = made(NOBODY, { openid: { acrValues: ['pwd', 'mfa'] } });
      const { open, resume, decide } = server.visitor();
      const claims = '{"id_token":{"acr":{"essential":true,"value":"mfa"}}}';
      const { transactionID } = (await open({ claims })).body;
      assert.deepEqual((await resume(transactionID, 'alice', 'login')).body.prompts, ['login']);
      assertErrorHere(await decide(transactionID, 'alice'), 403, 'access_denied');
      server.logins.set('alice', { authenticatedAt: server.clock.now, acr: 'mfa' });
      assert.deepEqual((await resume(transactionID, 'alice', 'login')).body.prompts, ['consent']);
      assert.ok(redirected(await decide(transactionID, 'alice'))['code']);
    });

    it('another user cannot continue the dialog without a login', async () => {
      const { open, resume, decide } = made(KNOWN).visitor();
      const { transactionID } = (await open({ prompt: 'consent' }, 'alice')).body;
      assertErrorHere(await resume(transactionID, 'bob'), 403, 'access_denied');
      assertErrorHere(await decide(transactionID, 'bob'), 403, 'access_denied');
    });

    it('max_age and auth_time need to know when users logged in: the operator is told, and nobody logs in for ever', async () => {
      const server = openidServer({
        keys,
        clients: [
          {
            client_id: 'client',
            client_name: 'c',
            redirect_uris: ['https://client.example/callback'],
            require_auth_time: true,
          },
        ],
      });
      const { open, resume, decide } = server.visitor();
      const { transactionID } = (await open({ max_age: '60' }, 'alice')).body;
      assert.equal(redirected(await resume(transactionID, 'alice', 'login'))['error'], 'server_error');
      assert.match(String(server.errors.at(-1)), /max_age needs createServer\(\{ authenticationEvent \}\)/);
      const page = (await open({}, 'alice')).body;
      assert.equal(redirected(await decide(page.transactionID, 'alice'))['error'], 'server_error');
      assert.match(String(server.errors.at(-1)), /The client needs auth_time/);
    });
  });
});
