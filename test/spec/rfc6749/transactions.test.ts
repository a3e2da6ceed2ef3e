/** RFC 6749 §10.12, §10.13; RFC 9700 §4.7, §4.16: the dialog is answered once, by whom it was shown to. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import type { Middleware } from 'koa';
import session from 'koa-session';
import { grant, type TransactionRecord, type TransactionStore } from 'koauthorize';
import request from 'supertest';
import {
  authorizationServer,
  browser,
  CALLBACK,
  exchangeCode,
  type Setup,
} from '../../support/authorization-server.js';
import { BODY_PARSERS } from '../../support/body-parsers.js';
import { assertErrorHere, assertNoStore } from '../../support/form.js';

/** koa-session with a store on the server. */
function stored(app: Koa, sessions = new Map<string, string>()): Middleware {
  const store = {
    get: async (key: string) => JSON.parse(sessions.get(key) ?? 'null'),
    set: async (key: string, value: unknown) => void sessions.set(key, JSON.stringify(value)),
    destroy: async (key: string) => void sessions.delete(key),
  };
  return session({ store }, app);
}

const SESSIONS: readonly (readonly [where: string, setup: Setup])[] = [
  ['in a cookie', {}],
  ['in a store', { session: (app) => stored(app) }],
];

/** A browser without a jar: what it shows is up to us. */
function cookiesOf(response: { readonly headers: Record<string, unknown> }): string {
  const lines = (response.headers['set-cookie'] ?? []) as readonly string[];
  return lines.map((line) => line.split(';', 1)[0]).join('; ');
}

function show(app: Koa, cookies: string, transactionID: string, user = 'alice') {
  return request(app.callback())
    .post('/decision')
    .set('Cookie', cookies)
    .set('X-User', user)
    .type('form')
    .send({ transaction_id: transactionID });
}

/** Exactly one decision counts: all others are told so, or are sent the same answer while it is on its way. */
function assertOneAnswer(
  answers: readonly { readonly status: number; readonly headers: Record<string, string> }[],
): void {
  assert.ok(answers.every(({ status }) => status === 303 || status === 403));
  const locations = new Set(answers.filter(({ status }) => status === 303).map(({ headers }) => headers['location']));
  assert.equal(locations.size, 1);
}

for (const [where, setup] of SESSIONS) {
  describe(`RFC 6749 §10.12 transactions ${where}`, () => {
    interface Attack {
      readonly title: string;
      readonly body: string;
      readonly query?: string;
      readonly status: number;
      readonly error: string;
    }
    const bad = { status: 400, error: 'invalid_request' };
    const forbidden = { status: 403, error: 'access_denied' };
    const ATTACKS: readonly Attack[] = [
      { title: 'no transaction_id', body: '', ...bad },
      { title: 'an empty transaction_id', body: 'transaction_id=', ...bad },
      { title: 'a repeated transaction_id', body: 'transaction_id=ID&transaction_id=ID', ...bad },
      { title: 'a nested transaction_id', body: 'transaction_id[$ne]=x', ...bad },
      { title: 'an array of transaction_id', body: 'transaction_id[]=ID', ...bad },
      { title: 'one in the query and another in the body', query: 'ID', body: 'transaction_id=other', ...bad },
      {
        title: 'a transaction_id beside that of the body, repeated in the query',
        query: 'ID&transaction_id=ID',
        body: 'transaction_id=ID',
        ...bad,
      },
      {
        title: 'a transaction_id beside that of the query, repeated in the body',
        query: 'ID',
        body: 'transaction_id=ID&transaction_id=ID',
        ...bad,
      },
      { title: 'a guessed transaction_id', body: 'transaction_id=AAAAAAAAAAAAAAAAAAAAAA', ...forbidden },
      { title: 'part of the transaction_id', body: 'transaction_id=PART', ...forbidden },
      { title: 'the transaction_id and a space', body: 'transaction_id=ID+', ...forbidden },
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', '0'].map((name) => ({
        title: `transaction_id=${name}`,
        body: `transaction_id=${name}`,
        ...forbidden,
      })),
    ];
    for (const { title, body, query, status, error } of ATTACKS) {
      it(`§10.12 ${title} decides nothing, and takes nothing`, async () => {
        const { app } = authorizationServer(setup);
        const { agent, authorize, decide } = browser(app);
        const { transactionID } = (await authorize()).body;
        const fill = (text: string): string =>
          text.replaceAll('ID', transactionID).replaceAll('PART', transactionID.slice(1));
        const url = query ? `/decision?transaction_id=${fill(query)}` : '/decision';
        const response = await agent.post(url).set('X-User', 'alice').type('form').send(fill(body));
        assertErrorHere(response, status, error);
        assert.equal((await decide(transactionID)).status, 303, 'the dialog still waits');
      });
    }

    for (const { name, before } of BODY_PARSERS) {
      it(`§10.12 the transaction_id of the form is read ${name}`, async () => {
        const { app } = authorizationServer({ ...setup, ...(before && { before }) });
        const { authorize, decide } = browser(app);
        const { body } = await authorize();
        assertErrorHere(await decide('AAAAAAAAAAAAAAAAAAAAAA'), 403, 'access_denied');
        assert.equal((await decide(body.transactionID)).status, 303);
      });
    }

    it('§10.12 the transaction_id may be in the query of the POST', async () => {
      const { app } = authorizationServer(setup);
      const { agent, authorize } = browser(app);
      const { body } = await authorize();
      const url = `/decision?transaction_id=${body.transactionID}`;
      assert.equal((await agent.post(url).set('X-User', 'alice')).status, 303);
    });

    it('§10.12 the transaction_id of another browser is refused', async () => {
      const { app } = authorizationServer(setup);
      const mine = browser(app);
      const theirs = browser(app);
      const { body } = await theirs.authorize();
      assertErrorHere(await mine.decide(body.transactionID), 403, 'access_denied');
      await mine.authorize();
      assertErrorHere(await mine.decide(body.transactionID), 403, 'access_denied');
      assert.equal((await theirs.decide(body.transactionID)).status, 303);
    });

    for (const user of ['bob', '']) {
      it(`§10.12 a dialog shown to alice is not answered by ${user || 'who is not logged in'}`, async () => {
        const { app } = authorizationServer(setup);
        const { agent, authorize, decide } = browser(app);
        const { body } = await authorize();
        const asOther = agent.post('/decision').type('form').send({ transaction_id: body.transactionID });
        assertErrorHere(await (user ? asOther.set('X-User', user) : asOther), 403, 'access_denied');
        assert.equal((await decide(body.transactionID)).status, 303);
      });
    }

    it('§10.12 a dialog that began before login is answered by who logged in', async () => {
      const { app } = authorizationServer(setup);
      const { decide } = browser(app);
      const { agent, authorize } = browser(app, '');
      const { body } = await authorize();
      const answer = agent
        .post('/decision')
        .set('X-User', 'bob')
        .type('form')
        .send({ transaction_id: body.transactionID });
      assert.equal((await answer).status, 303);
      assert.equal((await decide(body.transactionID)).status, 403);
    });

    for (const method of ['get', 'head', 'put', 'patch', 'delete'] as const) {
      it(`§10.12 a decision by ${method.toUpperCase()} gets 405, and does not answer the dialog`, async () => {
        const { app } = authorizationServer({
          ...setup,
          routes: (router, server) => router.all('/any', ...asAlice, server.decision()),
        });
        const { agent, authorize, decide } = browser(app);
        const { body } = await authorize();
        const response = await agent[method](`/any?transaction_id=${body.transactionID}`);
        assert.deepEqual([response.status, response.headers['allow']], [405, 'POST']);
        assert.equal(response.headers['location'], undefined);
        assert.equal((await decide(body.transactionID)).status, 303);
      });
    }
    const asAlice: Middleware[] = [
      async (ctx, next) => {
        ctx.state['user'] = { id: 'alice', name: 'Alice' };
        await next();
      },
    ];

    for (const more of [{}, { cancel: '1' }]) {
      it(`§10.12 a dialog is answered once, ${'cancel' in more ? 'denied' : 'allowed'}`, async () => {
        const { app } = authorizationServer(setup);
        const { authorize, decide } = browser(app);
        const { body } = await authorize();
        assert.equal((await decide(body.transactionID, more)).status, 303);
        const other = 'cancel' in more ? {} : { cancel: '1' };
        assertErrorHere(await decide(body.transactionID, other), 403, 'access_denied');
      });

      it(`§10.12 a dialog ${'cancel' in more ? 'denied' : 'allowed'} is not answered again by who shows the session of before`, async () => {
        const { app } = authorizationServer(setup);
        const dialog = await browser(app).authorize();
        const { transactionID } = dialog.body;
        const before = cookiesOf(dialog);
        assert.ok(before);
        assert.equal((await show(app, before, transactionID)).status, 303);
        for (let again = 0; again < 3; again++) {
          assertErrorHere(await show(app, before, transactionID), 403, 'access_denied');
        }
      });
    }

    it('§10.12 of 20 concurrent decisions on one dialog exactly one counts', async () => {
      let issued = 0;
      const { app } = authorizationServer({
        ...setup,
        plug: (server) => server.grant(grant.code({ issue: () => `code ${++issued}` })),
      });
      const dialog = await browser(app).authorize();
      const cookies = cookiesOf(dialog);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => show(app, cookies, dialog.body.transactionID)),
      );
      assertOneAnswer(answers);
      assert.equal(issued, 1);
    });

    it('§10.12 of 5 concurrent decisions that are all read before any is taken exactly one counts', async () => {
      let waiting = 0;
      let release: () => void;
      const all = new Promise<void>((resolve) => {
        release = resolve;
      });
      const { app } = authorizationServer({
        ...setup,
        decision: (server) =>
          server.decision(async () => {
            if (++waiting === 5) release();
            await all;
            return {};
          }),
      });
      const dialog = await browser(app).authorize();
      const cookies = cookiesOf(dialog);
      const answers = await Promise.all(Array.from({ length: 5 }, () => show(app, cookies, dialog.body.transactionID)));
      assertOneAnswer(answers);
    });

    it('§10.12 an answered dialog is not shown again to a browser that sends the old session cookie', async () => {
      const { app } = authorizationServer({ ...setup, resume: (server) => server.resume(() => false) });
      const dialog = await browser(app).authorize();
      const { transactionID } = dialog.body;
      const cookies = cookiesOf(dialog);
      const resume = () =>
        request(app.callback())
          .get(`/resume?transaction_id=${transactionID}`)
          .set('Cookie', cookies)
          .set('X-User', 'alice');
      assert.equal((await resume()).status, 200);
      assert.equal((await show(app, cookies, transactionID)).status, 303);
      assertErrorHere(await resume(), 403, 'access_denied');
    });

    it('§10.12 the session forgets a dialog that was answered', async () => {
      let kept: unknown;
      const { app } = authorizationServer({
        ...setup,
        routes: (router) =>
          router.get('/session', (ctx) => {
            kept = ctx['session']['authorize'];
            ctx.body = '';
          }),
      });
      const { agent, authorize, decide } = browser(app);
      const { transactionID } = (await authorize()).body;
      await agent.get('/session');
      assert.deepEqual(Object.keys(kept as object), [transactionID]);
      await decide(transactionID);
      await agent.get('/session');
      assert.deepEqual(Object.keys((kept ?? {}) as object), []);
    });

    it('§10.12 a dialog that failed is over', async () => {
      const { app } = authorizationServer({
        ...setup,
        plug: (server) => server.grant(grant.code({ issue: () => Promise.reject(new Error('a secret')) })),
      });
      const { authorize, decide } = browser(app);
      const { body } = await authorize();
      assert.match((await decide(body.transactionID)).headers['location'] ?? '', /error=server_error/);
      assertErrorHere(await decide(body.transactionID), 403, 'access_denied');
    });

    it('a form that cannot be read is the resource owner’s business, who may try again', async () => {
      let readable = false;
      const { app, errors } = authorizationServer({
        ...setup,
        decision: (server) =>
          server.decision(() => {
            if (!readable) throw new Error('a secret');
            return {};
          }),
      });
      const { authorize, decide } = browser(app);
      const { body } = await authorize();
      const refused = await decide(body.transactionID);
      assertErrorHere(refused, 500, 'server_error');
      assert.equal(refused.text.includes('secret'), false);
      assert.equal(errors[0]?.message, 'a secret');
      readable = true;
      assert.equal((await decide(body.transactionID)).status, 303);
    });

    const AGES: readonly (readonly [seconds: number, status: number])[] = [
      [0, 303],
      [599, 303],
      [600, 303],
      [601, 403],
      [3600, 403],
    ];
    for (const [seconds, status] of AGES) {
      it(`a dialog of ${seconds} seconds is answered with ${status}`, async () => {
        let now = 1_700_000_000;
        const { app } = authorizationServer({ ...setup, options: { now: () => now } });
        const { authorize, decide } = browser(app);
        const { body } = await authorize();
        now += seconds;
        const response = await decide(body.transactionID);
        assert.equal(response.status, status);
        if (status === 403) assert.equal(response.headers['location'], undefined);
      });
    }

    it('a session of before is of no use when the replay guard has forgotten it', async () => {
      let now = 1_700_000_000;
      const { app } = authorizationServer({ ...setup, options: { now: () => now } });
      const dialog = await browser(app).authorize();
      const cookies = cookiesOf(dialog);
      const began = now;
      assert.equal((await show(app, cookies, dialog.body.transactionID)).status, 303);
      for (const age of [1, 150, 299, 300, 599, 600, 601, 1200, 10_000]) {
        now = began + age;
        await browser(app).allow(); // the guard forgets when it learns something new
        assertErrorHere(await show(app, cookies, dialog.body.transactionID), 403, 'access_denied');
      }
    });

    it('the ID has 128 bits or more, and no two are the same', async () => {
      const { app } = authorizationServer(setup);
      const { authorize } = browser(app);
      const ids = new Set<string>();
      for (let i = 0; i < 20; i++) ids.add((await authorize()).body.transactionID);
      assert.equal(ids.size, 20);
      for (const id of ids) assert.match(id, /^[\w-]{22,}$/); // 22 * 6 bits
    });

    it('the ID is never shorter than that, whatever idLength says', async () => {
      for (const [idLength, length] of [
        [1, 22],
        [0, 22],
        [43, 43],
      ] as const) {
        const { app, find } = authorizationServer({
          ...setup,
          authorization: (server) => server.authorization({ idLength }, (id, uri) => [find(id), uri]),
        });
        assert.equal((await browser(app).authorize()).body.transactionID.length, length);
      }
    });

    it('an idLength that is none is an error at start, and not at the first request', () => {
      for (const idLength of [Number.NaN, Number.POSITIVE_INFINITY, -1, 22.5, 1e9, '40']) {
        const wrong = { idLength } as { idLength: number };
        const authorization: Setup['authorization'] = (server) => server.authorization(wrong, () => false);
        const error = /^TypeError: server\.authorization\(\{ idLength \}\) is a whole number(?:: 0 to 256)?, not /;
        assert.throws(() => authorizationServer({ ...setup, authorization }), error, `${idLength}`);
      }
    });

    it('100 abandoned requests leave a cookie that browsers keep, and a working flow', async () => {
      const { app } = authorizationServer(setup);
      const { authorize, decide, allow } = browser(app);
      for (let i = 0; i < 100; i++) {
        const { status, headers } = await authorize({ state: `${i}`.repeat(22) });
        assert.equal(status, 200);
        assertSmall(headers);
      }
      const { body } = await authorize();
      const decided = await decide(body.transactionID);
      assert.equal(decided.status, 303);
      assertSmall(decided.headers);
      const { code } = await allow();
      assert.equal((await exchangeCode(app, code)).status, 200);
    });

    const STATES: readonly (readonly [what: string, state: string])[] = [
      ['long', 'x'.repeat(1200)],
      ['beyond ASCII', '\u65e5'.repeat(400)],
      ['of quotes', '"\\'.repeat(300)],
    ];
    for (const [what, state] of STATES) {
      it(`states that are ${what} leave a cookie that browsers keep, and a working flow`, async () => {
        const { app } = authorizationServer(setup);
        const { authorize, allow } = browser(app);
        for (let i = 0; i < 4; i++) {
          const { status, headers } = await authorize({ state });
          assert.equal(status, 200);
          assertSmall(headers);
        }
        const { code } = await allow({ state });
        assert.equal((await exchangeCode(app, code)).status, 200);
      });
    }
  });
}

/** RFC 6265 §6.1: name, value and attributes. */
function assertSmall(headers: Record<string, unknown>): void {
  for (const line of (headers['set-cookie'] ?? []) as readonly string[]) {
    assert.ok(Buffer.byteLength(line) < 4096, `${line.slice(0, 20)} has ${line.length} bytes`);
  }
}

describe('RFC 6749 §10.12 how many transactions wait', () => {
  it('8 dialogs wait in one session; the oldest goes first', async () => {
    const { app } = authorizationServer({ session: (app) => stored(app) });
    const { authorize, decide } = browser(app);
    const ids: string[] = [];
    for (let i = 0; i < 11; i++) ids.push((await authorize()).body.transactionID);
    const statuses: number[] = [];
    for (const id of ids) statuses.push((await decide(id)).status);
    assert.deepEqual(
      statuses.slice(3),
      Array.from({ length: 8 }, () => 303),
    );
    assert.deepEqual(statuses.slice(0, 3), [403, 403, 403]);
  });

  it('the oldest by time goes first, not by name', async () => {
    let now = 1_700_000_000;
    const { app } = authorizationServer({ session: (app) => stored(app), options: { now: () => now } });
    const { authorize, decide } = browser(app);
    const ids: string[] = [];
    for (let i = 0; i < 9; i++) {
      now += 1;
      ids.push((await authorize()).body.transactionID);
    }
    assert.equal((await decide(ids[0])).status, 403);
    assert.equal((await decide(ids[1])).status, 303);
  });

  it('in a cookie as many wait as fit, and at least the last', async () => {
    const { app } = authorizationServer();
    const { authorize, decide } = browser(app);
    const ids: string[] = [];
    for (let i = 0; i < 9; i++) ids.push((await authorize()).body.transactionID);
    assert.equal((await decide(ids[0])).status, 403);
    assert.equal((await decide(ids[7])).status, 303);
    assert.equal((await decide(ids[8])).status, 303);
  });

  it('a request that no cookie can hold is told to the client, and the others still wait', async () => {
    const { app } = authorizationServer();
    const { authorize, decide } = browser(app);
    const { body } = await authorize();
    const refused = await authorize({ state: 'x'.repeat(3000) });
    assert.equal(refused.status, 302, refused.text);
    assert.ok(refused.headers['location']?.startsWith(`${CALLBACK}?error=invalid_request`));
    assert.equal((await decide(body.transactionID)).status, 303);
  });
});

describe('RFC 6749 §10.13 the dialog', () => {
  const PAGES: readonly (readonly [what: string, setup: Setup])[] = [
    ['drawn', {}],
    [
      'drawn with a policy of its own',
      { dialog: (ctx) => void ctx.append('Content-Security-Policy', "default-src 'self'") },
    ],
    ['drawn again by resume', { resume: (server) => server.resume(() => false) }],
  ];
  for (const [what, setup] of PAGES) {
    it(`§10.13, RFC 9700 §4.16, §4.2.4: ${what}, it is not framed, not stored, and tells no other site its address`, async () => {
      const { app } = authorizationServer({ ...setup, session: (app) => stored(app) });
      const { agent, authorize } = browser(app);
      let response = await authorize();
      if (setup.resume) {
        const { transactionID } = response.body;
        response = await agent.get(`/resume?transaction_id=${transactionID}`).set('X-User', 'alice');
        assert.equal(response.body.transactionID, transactionID);
      }
      assert.equal(response.headers['x-frame-options'], 'DENY');
      assert.match(response.headers['content-security-policy'] ?? '', /frame-ancestors 'none'/);
      assert.equal(response.headers['referrer-policy'], 'same-origin');
      assertNoStore(response);
    });
  }
});

describe('RFC 6749 §10.12 transactions of several processes', () => {
  it('§10.12 a dialog that one process answered is not answered by another, with sessions in a store', async () => {
    const sessions = new Map<string, string>();
    const shared: Setup = { session: (app) => stored(app, sessions) };
    const [one, two] = [authorizationServer(shared), authorizationServer(shared)];
    const dialog = await browser(one.app).authorize();
    const { transactionID } = dialog.body;
    const cookies = cookiesOf(dialog);
    assert.equal((await show(two.app, cookies, transactionID)).status, 303);
    assertErrorHere(await show(one.app, cookies, transactionID), 403, 'access_denied');
  });

  it('§10.12 of two processes that read a dialog at once, only the one that removes it answers it', async () => {
    const records = new Map<string, string>();
    const put = (_ctx: unknown, id: string, record: TransactionRecord): void => {
      records.set(id, JSON.stringify(record));
    };
    const transactions: TransactionStore = {
      load: (_ctx, id) => JSON.parse(records.get(id) ?? 'null') ?? undefined,
      store: put,
      update: put,
      remove: (_ctx, id) => records.delete(id),
    };
    let waiting = 0;
    let release: () => void;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const shared: Setup = {
      options: { transactions },
      session: false,
      decision: (server) =>
        server.decision(async () => {
          if (++waiting === 2) release();
          await both;
          return {};
        }),
    };
    const [one, two] = [authorizationServer(shared), authorizationServer(shared)];
    const { transactionID } = (await browser(one.app).authorize()).body;
    const answers = await Promise.all([one, two].map(({ app }) => browser(app).decide(transactionID)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403]);
    const [told] = answers.filter(({ status }) => status === 403);
    assert.match(told?.body.error_description, /answered already: access was allowed/);
  });
});
