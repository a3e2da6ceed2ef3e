/** Extensions that a third party could have written. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { cookieTransactions, createServer, metadata, TokenError } from 'koauthorize';
import request from 'supertest';
import {
  type App,
  authenticateClient,
  browser,
  CLIENT,
  exchangeCode,
  OTHER,
  type Params,
  REQUEST,
  redirected,
  tokenRequest,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { type PluggedSetup, pluggedServer, type TestPlug } from '../support/plugged-server.js';
import { pushedRequest } from './pushed-request.js';
import { makeTicket, TICKET, ticketGrant } from './ticket-grant.js';

declare module 'koauthorize' {
  interface AuthorizationRequest {
    readonly sealedWith?: string;
  }
}

/** Binds a code to a header of the request, as RFC 9449 §10.1 does at the place where the request came in. */
const sealed: TestPlug = {
  name: 'sealed',
  adds: ['sealedWith'],
  authorization: {
    parse: ({ ctx }) => (ctx.get('X-Seal') ? { sealedWith: ctx.get('X-Seal') } : undefined),
  },
  token: {
    grantTypes: ['authorization_code'],
    check({ request: { sealedWith } }, { params }) {
      if (sealedWith !== params.get('seal')) throw new TokenError('The seal is another', 'invalid_grant');
    },
  },
};

/** A server that takes pushed requests, and what counts how often an extension reads a request. */
function withPushing(setup: PluggedSetup = {}) {
  const made = pluggedServer({
    ...setup,
    routes(router, server) {
      router.all('/pushed', authenticateClient([CLIENT, OTHER]), server.endpoint(pushedRequest()));
      setup.routes?.(router, server);
    },
  });
  const push = (params: Params = {}, client: App = CLIENT) =>
    request(made.app.callback())
      .post('/pushed')
      .auth(client.client_id, `${client.client_id}-secret`)
      .type('form')
      .send({ ...REQUEST, client_id: client.client_id, ...params });
  const reference = async (params: Params = {}): Promise<string> => (await push(params).expect(201)).body.request_ref;
  const visitor = (user = 'alice') => {
    const { agent, decide } = browser(made.app, user);
    const open = (ref: string, more: Params = {}) =>
      agent
        .get('/authorize')
        .set('X-User', user)
        .query({ request_ref: ref, client_id: CLIENT.client_id, ...more });
    return { agent, open, decide };
  };
  return { ...made, push, reference, visitor };
}

/** 3 kB that a client may well say, and no cookie can keep. */
const LONG: Params = { state: 's'.repeat(3000), scope: 'read write' };

describe('an extension of a third party', () => {
  it('imports public names alone', () => {
    const folder = new URL('.', import.meta.url);
    const files = readdirSync(folder).filter((name) => !name.endsWith('.test.ts'));
    assert.deepEqual(files.sort(), ['pushed-request.ts', 'ticket-grant.ts']);
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const sources = [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, source]) => source);
      assert.ok(sources.length > 0, file);
      for (const source of sources) assert.match(source ?? '', /^koauthorize(\/(extending|tokens))?$/, file);
    }
  });

  it('says what it misses before the first request', () => {
    const server = createServer();
    server.endpoint(pushedRequest());
    assert.throws(() => server.check(), /pushedRequest\(\) needs createServer\(\{ tokens \}\)/);
  });
});

describe('a request that is pushed, kept by reference and judged once', () => {
  it('is opened, allowed and redeemed, as one that the browser brings', async () => {
    const { app, reference, visitor } = withPushing();
    const { open, decide } = visitor();
    const dialog = await open(await reference()).expect(200);
    assert.deepEqual(dialog.body.req.scope, ['read', 'write']);
    const { code, state } = redirected(await decide(dialog.body.transactionID).expect(303));
    assert.equal(state, REQUEST.state);
    assert.equal((await exchangeCode(app, code).expect(200)).body.scope, 'read write');
  });

  it('only an authenticated client pushes, and only a request of its own', async () => {
    const { app, push } = withPushing();
    const form = request(app.callback()).post('/pushed').type('form');
    assertErrorHere(await form.send(REQUEST), 400, 'invalid_client');
    assertErrorHere(await push({ client_id: OTHER.client_id }), 401, 'invalid_client');
    assertErrorHere(await push({ client_id: undefined }), 400, 'invalid_request');
  });

  const wrong: readonly (readonly [what: string, params: Params, error: string])[] = [
    ['a redirect URI that is not registered', { redirect_uri: 'https://evil.example/' }, 'invalid_request'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['another response type', { response_type: 'pigeon' }, 'unsupported_response_type'],
    ['a malformed scope', { scope: '"' }, 'invalid_scope'],
    ['what an extension refuses', { code_challenge_method: 'S512' }, 'invalid_request'],
    ['a parameter that comes twice', { scope: ['read', 'write'] }, 'invalid_request'],
  ];
  for (const [what, params, error] of wrong) {
    it(`is refused where it comes in: ${what}`, async () => {
      const response = await withPushing().push(params);
      assertErrorHere(response, response.status, error);
      assert.ok(response.status >= 400 && response.status < 500);
    });
  }

  it('the value of its request header is kept, and the browser with the reference cannot replace it', async () => {
    const { app, push, visitor } = withPushing({ plugs: [sealed] });
    const pushed = await push().set('X-Seal', 'of the client').expect(201);
    const { agent, decide } = visitor();
    const dialog = await agent
      .get('/authorize')
      .set({ 'X-User': 'alice', 'X-Seal': 'of the browser' })
      .query({ request_ref: pushed.body.request_ref, client_id: CLIENT.client_id });
    assert.equal(dialog.body.req.sealedWith, 'of the client');
    const { code } = redirected(await decide(dialog.body.transactionID));
    assertErrorHere(await exchangeCode(app, code, { seal: 'of the browser' }), 400, 'invalid_grant');
    await exchangeCode(app, code, { seal: 'of the client' }).expect(200);
  });

  it('is read by extensions once: where it came in', async () => {
    let count = 0;
    const counting: TestPlug = {
      name: 'counting',
      authorization: {
        parse() {
          count += 1;
          return undefined;
        },
      },
    };
    const { reference, visitor } = withPushing({ plugs: [counting] });
    const { open, decide } = visitor();
    const dialog = await open(await reference());
    await decide(dialog.body.transactionID).expect(303);
    assert.equal(count, 1);
  });

  it('is judged again by what may have changed: the redirect URI of the registration', async () => {
    const app = { ...CLIENT, redirect_uris: [...CLIENT.redirect_uris] };
    const { reference, visitor } = withPushing({ clients: [app] });
    const ref = await reference();
    app.redirect_uris.splice(0, 1, 'https://moved.example/');
    assertErrorHere(await visitor().open(ref), 400, 'invalid_request');
  });

  it('is of the client that pushed it', async () => {
    const { reference, visitor, errors } = withPushing();
    const ref = await reference();
    assertErrorHere(await visitor().open(ref, { client_id: OTHER.client_id }), 400, 'invalid_request');
    assertErrorHere(
      await visitor().open(ref, { client_id: [CLIENT.client_id, OTHER.client_id] }),
      400,
      'invalid_request',
    );
    assert.match(String(errors[0]?.cause), /of the request that an extension has resolved/);
    await visitor().open(ref).expect(200);
  });

  it('parameters beside the reference are ignored, repeated or not', async () => {
    const { reference, visitor } = withPushing();
    const more = {
      scope: ['admin', 'root'],
      state: 'another',
      redirect_uri: 'https://evil.example/',
      response_type: '"',
    };
    const { open, decide } = visitor();
    const dialog = await open(await reference(), more).expect(200);
    assert.deepEqual([dialog.body.req.scope, dialog.body.req.state], [['read', 'write'], REQUEST.state]);
    const answer = redirected(await decide(dialog.body.transactionID).expect(303));
    assert.equal(answer['state'], REQUEST.state);
  });

  it('a reference that is unknown, or too old, is an error page', async () => {
    const { reference, visitor, clock } = withPushing();
    assertErrorHere(await visitor().open('unknown'), 400, 'invalid_request');
    const ref = await reference();
    clock.now += 60;
    assertErrorHere(await visitor().open(ref), 400, 'invalid_request');
  });

  it('a dialog that was opened in time is answered after the reference is too old to be opened', async () => {
    const { reference, visitor, clock } = withPushing();
    const { open, decide } = visitor();
    const dialog = await open(await reference());
    clock.now += 300;
    assert.ok(redirected(await decide(dialog.body.transactionID).expect(303))['code']);
  });

  it('of two dialogs from one reference, the first answer counts, and the second gets an error page', async () => {
    const { reference, visitor } = withPushing();
    const ref = await reference();
    const [first, second] = [visitor(), visitor('bob')];
    const [one, other] = [await first.open(ref), await second.open(ref)];
    assert.ok(redirected(await first.decide(one.body.transactionID).expect(303))['code']);
    assertErrorHere(await second.decide(other.body.transactionID), 403, 'access_denied');
    assertErrorHere(await visitor().open(ref), 400, 'invalid_request');
  });

  it('of two dialogs from one reference that are answered at once, one counts', async () => {
    const { reference, visitor } = withPushing();
    const ref = await reference();
    const visitors = [visitor(), visitor('bob'), visitor('carol')];
    const dialogs = await Promise.all(visitors.map(({ open }) => open(ref)));
    const answers = await Promise.all(visitors.map(({ decide }, at) => decide(dialogs[at]?.body.transactionID)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403, 403]);
  });

  it('a denial takes it, too', async () => {
    const { reference, visitor } = withPushing();
    const ref = await reference();
    const { open, decide } = visitor();
    const dialog = await open(ref);
    assert.equal(redirected(await decide(dialog.body.transactionID, { cancel: 'no' }))['error'], 'access_denied');
    assertErrorHere(await visitor().open(ref), 400, 'invalid_request');
  });

  for (const [what, setup] of [
    ['koa-session in a cookie', {}],
    ['cookieTransactions()', { options: { transactions: cookieTransactions() } }],
  ] as const) {
    it(`3 kB of parameters wait by reference alone: ${what}`, async () => {
      const { app, reference, visitor } = withPushing(setup);
      const direct = await browser(app).authorize({ ...LONG, state: 's'.repeat(3500) });
      assert.equal(redirected(direct)['error'], 'invalid_request', 'without a reference they do not fit');
      const { open, decide } = visitor();
      const dialog = await open(await reference(LONG)).expect(200);
      const cookies = [dialog.headers['set-cookie'] ?? []].flat().join('\n');
      assert.ok(cookies.length > 0 && cookies.length < 1500, `${cookies.length} characters of cookies`);
      assert.equal(redirected(await decide(dialog.body.transactionID).expect(303))['state'], LONG['state']);
    });

    it(`whoever presses the button twice gets the same answer twice: ${what}`, async () => {
      const { app, reference, visitor } = withPushing(setup);
      const { open } = visitor();
      const dialog = await open(await reference()).expect(200);
      const cookies = [dialog.headers['set-cookie'] ?? []].flat().map((cookie) => cookie.split(';')[0]);
      const press = () =>
        request(app.callback())
          .post('/decision')
          .set({ 'X-User': 'alice', Cookie: cookies.join('; ') })
          .type('form')
          .send({ transaction_id: dialog.body.transactionID });
      const first = redirected(await press().expect(303));
      assert.ok(first['code']);
      assert.deepEqual(redirected(await press().expect(303)), first);
    });
  }

  it('is listed in the metadata, and mounted with the other endpoints', async () => {
    const { app } = withPushing({
      options: { issuer: 'https://as.example' },
      routes: (router, server) => router.get('/metadata', server.endpoint(metadata())),
    });
    const { body } = await request(app.callback()).get('/metadata').expect(200);
    assert.equal(body.pushed_request_endpoint, 'https://as.example/pushed');
  });
});

describe('a grant of a third party, by tokens.issue', () => {
  const TICKETS = { subject: 'alice', scope: ['read'], event: 'the concert' } as const;

  /** Shows what the token endpoint knows of an authorization when its tokens are refreshed. */
  const telling: TestPlug = {
    name: 'telling',
    token: {
      grantTypes: ['refresh_token'],
      respond: (_response, _request, authorization) => ({ event: authorization?.event }),
    },
  };

  async function withTicket(number: string) {
    const made = pluggedServer({ plugs: [telling], plug: (server, tokens) => server.extend(ticketGrant(tokens)) });
    assert.equal(await makeTicket(made.tokens.ephemeral, number, TICKETS, made.clock.now + 60), true);
    assert.equal(await makeTicket(made.tokens.ephemeral, number, TICKETS, made.clock.now + 60), false);
    const redeem = (more: object = {}) => tokenRequest(made.app, { grant_type: TICKET, ticket: number, ...more });
    return { ...made, redeem };
  }

  it('gives tokens for whoever made the ticket, and keeps what the ticket says', async () => {
    const { redeem, refresh, tokens } = await withTicket('17');
    const { access_token, refresh_token, scope } = (await redeem().expect(200)).body;
    assert.equal(scope, 'read');
    const token = await tokens.verify(access_token);
    assert.deepEqual([token?.subject, token?.clientID, token?.scope], ['alice', CLIENT.client_id, ['read']]);
    assert.equal((await refresh(refresh_token).expect(200)).body.event, 'the concert');
  });

  it('a ticket is good once, for a while, and must be there', async () => {
    const { redeem, clock } = await withTicket('17');
    assertErrorHere(await redeem({ ticket: '' }), 400, 'invalid_request');
    assertErrorHere(await redeem({ ticket: '18' }), 400, 'invalid_grant');
    const answers = await Promise.all([redeem(), redeem(), redeem()]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400]);
    const late = await withTicket('19');
    late.clock.now += 60;
    assertErrorHere(await late.redeem(), 400, 'invalid_grant');
    assert.ok(clock.now < late.clock.now);
  });

  it('a ticket sent twice in one request is refused, for the extension says that it reads it', async () => {
    const { redeem } = await withTicket('17');
    assertErrorHere(await redeem({ ticket: ['17', '18'] }), 400, 'invalid_request');
  });
});
