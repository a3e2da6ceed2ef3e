/** What the operator is told of a refused request: one object with an ID, the rule, its section and a remedy. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Koa from 'koa';
import {
  createServer,
  errorHandler,
  exchange,
  grant,
  OAuth2Error,
  pkce,
  type Refusal,
  refusalOf,
  traceIDOf,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic } from 'koauthorize/client-auth';
import type { RefusalRule } from 'koauthorize/extending';
import { bearer, dpopProof, requireAuthentication, requireScope } from 'koauthorize/resource-server';
import { memoryStore, type TokenEvents, tokenService } from 'koauthorize/tokens';
import request from 'supertest';
import { DPOP_RULES } from '../../lib/extension/dpop/refusals.js';
import { ruleOf } from '../../lib/refusal/rule.js';
import { ruleLists } from '../reference/rules.js';
import { root, run } from '../run.js';
import {
  type App,
  authorizationServer,
  browser,
  CALLBACK,
  exchangeCode,
  ISSUER,
  OTHER,
  type Setup,
  tokenRequest,
  type User,
} from '../support/authorization-server.js';
import { backchannelServer } from '../support/backchannel-server.js';
import { deviceServer } from '../support/device-server.js';

const ID = /^[0-9a-f]{16}$/;

/** A server whose refusals are kept. */
function watched(setup: Setup = {}) {
  const made = authorizationServer(setup);
  const refusals: Refusal[] = [];
  made.app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
  return { ...made, refusals };
}

const last = (refusals: readonly Refusal[]): Refusal => {
  const refusal = refusals.at(-1);
  assert.ok(refusal, 'a refusal was told');
  return refusal;
};

describe('a refusal', () => {
  interface Row {
    readonly title: string;
    readonly setup?: Setup;
    readonly ask: (app: Koa) => Promise<{ status: number; headers: Record<string, string> }>;
    readonly told: Partial<Refusal>;
  }
  const rows: readonly Row[] = [
    {
      title: 'an unregistered redirect URI, answered to the user',
      ask: async (app) => browser(app).authorize({ redirect_uri: 'https://evil.example/' }),
      told: {
        endpoint: 'authorization',
        status: 400,
        error: 'invalid_request',
        rule: 'redirect-uri-not-registered',
        section: 'RFC 6749 §3.1.2.3, RFC 9700 §4.1.3',
        clientID: 'client',
        redirectURI: 'https://evil.example/',
        responseType: 'code',
      },
    },
    {
      title: 'a challenge that is missing, sent to the client by redirect',
      ask: async (app) => browser(app).authorize({ code_challenge: undefined }),
      told: {
        endpoint: 'authorization',
        status: undefined,
        error: 'invalid_request',
        rule: 'pkce-challenge-missing',
        section: 'RFC 7636 §4.4.1',
        clientID: 'client',
        redirectURI: CALLBACK,
      },
    },
    {
      title: 'an unknown client',
      ask: async (app) => browser(app).authorize({ client_id: 'nobody' }),
      told: { rule: 'client-unknown', clientID: 'nobody', status: 403 },
    },
    {
      title: 'a decision for a dialog that is not there',
      ask: async (app) => browser(app).decide('x'.repeat(22)),
      told: { endpoint: 'decision', rule: 'dialog-not-found', status: 403 },
    },
    {
      title: 'a decision that names no dialog, which is the form of the server and no fault of the client',
      ask: async (app) => browser(app).decide(undefined),
      told: {
        rule: 'dialog-unnamed',
        status: 400,
        remedy: 'Put ctx.state.oauth2.transactionID into the form of your page, as transaction_id.',
        reason: 'Missing required parameter: transaction_id',
      },
    },
    {
      title: 'a user who denies, which is no error',
      async ask(app) {
        const user = browser(app);
        return user.decide((await user.authorize()).body.transactionID, { cancel: 'x' });
      },
      told: { endpoint: 'decision', rule: 'denied', status: undefined, error: 'access_denied', clientID: 'client' },
    },
    {
      title: 'a code that nobody has issued',
      ask: async (app) => exchangeCode(app, 'a-guess'),
      told: {
        endpoint: 'token',
        status: 400,
        error: 'invalid_grant',
        rule: 'code-invalid',
        clientID: 'client',
        grantType: 'authorization_code',
      },
    },
    {
      title: 'a client that has not authenticated',
      ask: async (app) => request(app.callback()).post('/token').type('form').send({ grant_type: 'refresh_token' }),
      told: { endpoint: 'token', rule: 'client-authentication-failed', grantType: 'refresh_token' },
    },
    {
      title: 'an unknown grant type',
      ask: async (app) => tokenRequest(app, { grant_type: 'magic' }),
      told: { endpoint: 'token', rule: 'grant-type-unsupported', grantType: 'magic' },
    },
    {
      title: 'a method that an endpoint does not take',
      ask: async (app) => request(app.callback()).get('/token'),
      told: { endpoint: 'token', rule: 'method-not-allowed', status: 405 },
    },
    {
      title: 'a failure of the server, of which the client is told nothing',
      setup: { authorization: (server) => server.authorization(() => Promise.reject(new Error('the database'))) },
      ask: async (app) => browser(app).authorize(),
      told: { endpoint: 'authorization', rule: 'server-error', status: 500, description: undefined },
    },
    {
      title: 'an error of the application',
      setup: {
        authorization: (server) =>
          server.authorization(() => Promise.reject(new OAuth2Error('Not on Sundays', 'on_sunday', undefined, 400))),
      },
      ask: async (app) => browser(app).authorize(),
      told: { rule: 'on_sunday', section: 'RFC 6749 §8.5', description: 'Not on Sundays' },
    },
  ];

  for (const { title, setup, ask, told } of rows) {
    it(`is emitted once, with its rule, section and remedy: ${title}`, async () => {
      const { app, refusals } = watched(setup);
      const { headers } = await ask(app);
      assert.equal(refusals.length, 1, JSON.stringify(refusals));
      const refusal = last(refusals);
      assert.deepEqual(Object.fromEntries(Object.keys(told).map((name) => [name, refusal[name as never]])), told);
      assert.match(refusal.traceID, ID);
      assert.equal(headers['x-trace-id'], refusal.traceID, 'the answer has the ID');
      assert.ok(refusal.section && refusal.remedy.endsWith('.'));
    });
  }

  it('of a client that failed to authenticate has the endpoint that it was for', async () => {
    const tokens = tokenService<Client>({ store: memoryStore() });
    interface Client {
      readonly client_id: string;
    }
    const server = createServer<Client>({ issuer: ISSUER, tokens, clients: { find: () => undefined } });
    server.exchange(exchange.clientCredentials(tokens.clientCredentials));
    const authenticateClient = clientAuthentication<Client>({ server, methods: [clientSecretBasic()] });
    const app = new Koa().use(server.errorHandler()).use(authenticateClient).use(server.token());
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal)).on('error', () => {});
    await request(app.callback()).post('/token').auth('someone', 'guess').type('form').send({ grant_type: 'x' });
    assert.equal(last(refusals).endpoint, 'token');
    assert.equal(last(refusals).clientID, 'someone');
  });

  it('of a device code that nobody was given has the rule of such codes', async () => {
    const { app, poll } = deviceServer();
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
    assert.equal((await poll('a-guess')).body.error_description, 'Invalid device code');
    assert.equal(last(refusals).rule, 'poll-code-invalid');
  });

  describe('of a poll while the user decides is an ordinary answer (RFC 8628 §3.5, CIBA §11)', () => {
    const polls = {
      'a device': async () => {
        const { app, errors, begin, poll } = deviceServer();
        const { device_code } = (await begin()).body;
        return { app, errors, poll: () => poll(device_code) };
      },
      'a client of CIBA': async () => {
        const { app, errors, begin, poll } = await backchannelServer();
        const { auth_req_id } = (await begin()).body;
        return { app, errors, poll: () => poll(auth_req_id) };
      },
    };
    for (const [who, start] of Object.entries(polls))
      it(`${who}: neither event tells it, and debug output and spans can still find it; slow_down is told, since its client polls too fast`, async () => {
        const { app, errors, poll } = await start();
        const refusals: Refusal[] = [];
        const found: (Refusal | undefined)[] = [];
        app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
        app.middleware.unshift(async (ctx, next) => {
          await next();
          found.push(refusalOf(ctx));
        });
        const pending = await poll();
        assert.equal(pending.body.error, 'authorization_pending');
        assert.deepEqual([refusals, errors], [[], []]);
        const tooEarly = await poll();
        assert.equal(tooEarly.body.error, 'slow_down');
        assert.deepEqual(
          refusals.map(({ rule }) => rule),
          ['poll-too-early'],
        );
        assert.equal(errors.length, 1);
        assert.deepEqual(
          found.map((refusal) => [refusal?.rule, refusal?.isOrdinary]),
          [
            ['poll-pending', true],
            ['poll-too-early', false],
          ],
        );
      });
  });

  it('has an ID that no header of the request can choose', async () => {
    const { app, refusals } = watched();
    const chosen = '0123456789abcdef';
    const answer = await browser(app)
      .authorize({ redirect_uri: 'https://evil.example/', trace_id: chosen })
      .set('X-Trace-Id', chosen)
      .set('X-Request-Id', chosen)
      .set('traceparent', `00-${chosen}${chosen}-${chosen}-01`);
    assert.notEqual(last(refusals).traceID, chosen);
    assert.equal(answer.headers['x-trace-id'], last(refusals).traceID);
    assert.equal(JSON.stringify(answer.headers).includes(chosen), false);
  });

  it('adds only a header to the response that the client gets', async () => {
    const { app } = watched();
    const { body, headers } = await exchangeCode(app, 'a-guess');
    assert.deepEqual(body, { error: 'invalid_grant', error_description: 'Invalid authorization code' });
    const here = await browser(app).authorize({ redirect_uri: 'https://evil.example/' });
    assert.deepEqual(Object.keys(here.body), ['error', 'error_description']);
    for (const word of ['redirect-uri-not-registered', '9700', 'Register'])
      assert.equal(`${here.text}${JSON.stringify(headers)}`.includes(word), false, word);
  });

  it('is told once where error handlers stand around each other, and is there for the page of the application', async () => {
    const { server } = authorizationServer();
    const app = new Koa();
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal)).on('error', () => {});
    const seen: unknown[] = [];
    app
      .use(async (ctx, next) => {
        await next().catch(() => {});
        seen.push(refusalOf(ctx), traceIDOf(ctx));
        ctx.body = 'a page';
      })
      .use(errorHandler({ mode: 'indirect' }))
      .use(server.errorHandler({ mode: 'indirect' }))
      .use((ctx) => {
        throw new OAuth2Error('No', 'invalid_request', undefined, ctx.path === '/' ? 400 : 500);
      });
    await request(app.callback()).get('/');
    assert.equal(refusals.length, 1);
    assert.deepEqual(seen, [refusals[0], refusals[0]?.traceID]);
  });

  it('of another request has another ID', async () => {
    const { app, refusals } = watched();
    for (let count = 0; count < 20; count += 1) await exchangeCode(app, 'a-guess');
    assert.equal(new Set(refusals.map(({ traceID }) => traceID)).size, 20);
  });

  it('a listener that throws changes no answer', async () => {
    const { app } = watched();
    app.on('refusal', () => {
      throw new Error('a listener');
    });
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const { body } = await exchangeCode(app, 'a-guess');
    await new Promise(setImmediate);
    process.off('warning', onWarning);
    assert.equal(body.error, 'invalid_grant');
    assert.ok(warnings.some(({ message }) => message === 'a listener'));
  });

  it('is printed with its ID by DEBUG=koauthorize:error', async () => {
    const program = `
      import { authorizationServer, exchangeCode } from './test/support/authorization-server.js';
      const { app } = authorizationServer();
      app.on('refusal', ({ traceID }) => console.log(traceID));
      await exchangeCode(app, 'a-guess');
      process.exit();`;
    const node = [process.execPath, '--import', './test/register.mjs', '--input-type=module', '-e', program];
    const { stdout, output } = await run('/usr/bin/env', ['DEBUG=koauthorize:error', ...node]);
    const [traceID = '?'] = stdout.trim().split('\n');
    assert.match(traceID, ID);
    assert.match(
      output,
      new RegExp(`koauthorize:error invalid_grant 400 .*\\[${traceID}: code-invalid, RFC 6749 §4.1.2, §4.1.3\\]`),
    );
  });
});

describe('the remedy of a refusal', () => {
  it('of a decision while nobody is logged in names the login', async () => {
    const { app, refusals } = watched();
    const { agent, authorize } = browser(app);
    const { transactionID } = (await authorize()).body;
    await agent.post('/decision').type('form').send({ transaction_id: transactionID }).expect(403);
    const { rule, reason, remedy } = last(refusals);
    assert.deepEqual([rule, reason], ['dialog-not-found', 'It was shown to a user, and nobody is logged in']);
    assert.match(remedy, /Where nobody is logged in, put your login before server\.decision\(\)\.$/);
  });

  it('of a DPoP proof for another URL names the options that say the URL', () => {
    const { remedy } = ruleOf({ code: 'invalid_dpop_proof', message: '' }, DPOP_RULES);
    assert.match(remedy, /Where it says that htu differs, .* baseURL of dpopProof\(\), or the issuer/);
  });

  it('of a refresh token that was revoked: the reason has that among what may be', async () => {
    const { app, refusals } = watched();
    await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: 'gone' });
    assert.match(last(refusals).reason ?? '', /unknown, expired, used or revoked, or was issued to another client/);
  });
});

describe('a refusal in the audit events of the token service', () => {
  async function told(ask: (app: Koa, user: ReturnType<typeof browser>) => Promise<unknown>) {
    const tokens = tokenService<App, User>({ store: memoryStore(), clientID: (client) => client.client_id });
    const { app, refusals } = watched({
      plug: (server) =>
        server
          .grant(grant.code(tokens.code))
          .exchange(exchange.code(tokens.code))
          .exchange(exchange.refreshToken(tokens.refreshToken))
          .extend(pkce()),
    });
    const events: [string, TokenEvents[keyof TokenEvents]][] = [];
    for (const name of ['issued', 'refreshed', 'denied', 'replayDetected', 'familyRevoked'] as const)
      tokens.events.on(name, (event: TokenEvents[typeof name]) => events.push([name, event]));
    await ask(app, browser(app));
    return { refusals, events };
  }

  it('denied: has the ID of the refusal', async () => {
    const { refusals, events } = await told((app) => exchangeCode(app, 'a-guess'));
    assert.deepEqual(
      events.map(([name, { traceID }]) => [name, traceID]),
      [['denied', last(refusals).traceID]],
    );
  });

  it('replayDetected and familyRevoked: the same, and what succeeded has none', async () => {
    const { refusals, events } = await told(async (app, user) => {
      const { code } = await user.allow();
      await exchangeCode(app, code);
      await exchangeCode(app, code);
    });
    const { traceID } = last(refusals);
    assert.deepEqual(
      events.map(([name, event]) => [name, event.traceID]),
      [
        ['issued', undefined],
        ['issued', undefined],
        ['replayDetected', traceID],
        ['familyRevoked', traceID],
      ],
    );
  });

  it('of a refresh token of another client: the same', async () => {
    const { refusals, events } = await told(async (app, user) => {
      const { code } = await user.allow();
      const { body } = await exchangeCode(app, code);
      await tokenRequest(app, { grant_type: 'refresh_token', refresh_token: body.refresh_token }, OTHER);
    });
    assert.equal(last(refusals).rule, 'refresh-token-invalid');
    assert.deepEqual(events.at(-1)?.[1].traceID, last(refusals).traceID);
  });
});

describe('a refusal at an API', () => {
  const token = { scope: ['read'], clientID: 'client', subject: 'alice' };
  function api(): { app: Koa; refusals: Refusal[] } {
    const app = new Koa();
    const refusals: Refusal[] = [];
    app.on('refusal', (refusal: Refusal) => refusals.push(refusal));
    const verify = (text: string) => {
      if (text === 'good') return token;
      return text === 'bound' ? { ...token, confirmation: { jkt: 'a key' } } : undefined;
    };
    app
      .use(bearer({ verify, proofs: [dpopProof({ baseURL: 'https://api.example' })] }))
      .use(requireScope('read'))
      .use(async (ctx, next) => (ctx.path === '/write' ? requireScope('write')(ctx, next) : next()))
      .use(requireAuthentication({ maxAge: 5 }));
    return { app, refusals };
  }
  const rows: readonly [title: string, path: string, authorization: string, told: Partial<Refusal>][] = [
    ['no token', '/', '', { rule: 'token-missing', status: 401, error: '', section: 'RFC 6750 §3' }],
    [
      'a token that is not valid',
      '/',
      'Bearer not-a-good-token',
      { rule: 'token-invalid', status: 401, clientID: undefined },
    ],
    [
      'a scope that is missing',
      '/write',
      'Bearer good',
      { rule: 'scope-insufficient', status: 403, clientID: 'client' },
    ],
    ['a login that is too old', '/', 'Bearer good', { rule: 'login-insufficient', section: 'RFC 9470 §3' }],
    ['a proof that is missing', '/', 'DPoP bound', { rule: 'dpop-proof-invalid', error: 'invalid_dpop_proof' }],
    ['a key that is not proved', '/', 'Bearer bound', { rule: 'token-invalid', clientID: 'client' }],
  ];
  for (const [title, path, authorization, told] of rows) {
    it(`has its rule: ${title}`, async () => {
      const { app, refusals } = api();
      const { headers } = await request(app.callback())
        .get(path)
        .set({ ...(authorization && { Authorization: authorization }) });
      assert.equal(refusals.length, 1);
      const refusal = last(refusals);
      assert.deepEqual(Object.fromEntries(Object.keys(told).map((name) => [name, refusal[name as never]])), told);
      assert.equal(refusal.endpoint, 'api');
      assert.equal(headers['x-trace-id'], refusal.traceID);
      assert.equal(JSON.stringify(refusal).includes('not-a-good-token'), false, 'the token is not in it');
    });
  }
});

/** The code and the message of each error that lib/ throws, where both stand literally; of a message in parts, its beginning. */
function thrown(): readonly { path: string; code: string; message: string }[] {
  const paths = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
  const made = /(?:Token|Authorization|OAuth2)Error\(\s*(?:`([^`$]*)[^`]*`|'([^']*)'),\s*'(\w+)'/g;
  return paths
    .filter((path) => path.endsWith('.ts') && !path.startsWith('testing'))
    .flatMap((path) =>
      [...readFileSync(join(root, 'lib', path), 'utf8').matchAll(made)].map(([, start, whole, code = '']) => ({
        path,
        message: whole ?? start ?? '',
        code,
      })),
    )
    .filter(({ path, message }) => message !== '' && !/^[ ]*\*/.test(path));
}

const HOLE = '\u0000';

/**
 * Every text in lib/ that a message can be, as it stands in its file. The values in it are `x` first, and then each other word of lib/, so that
 * a rule that names values, such as `Invalid device code`, is found last.
 */
function* texts(): Generator<string> {
  const literal = /`((?:[^`$]|\$\{[^}]*\})*)`|'((?:[^'\\\n]|\\.)*)'/g;
  const files = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !/^(?:testing|command|doctor|profile)|refusals?\.ts$|refusal\//.test(path),
  );
  const found = files.flatMap((path) => {
    const code = readFileSync(join(root, 'lib', path), 'utf8').replaceAll(/^ *(?:\*|\/\*|\/\/).*$/gm, '');
    return [...code.matchAll(literal)].map(
      ([, parts, whole]) => whole ?? (parts ?? '').replaceAll(/\$\{[^}]*\}/g, HOLE),
    );
  });
  const all = [...new Set(found)];
  const holed = all.filter((text) => text.includes(HOLE));
  const words = ['x', ...all.filter((text) => /^[a-z_ ]{1,30}$/.test(text))];
  yield* all.filter((text) => !text.includes(HOLE));
  for (const word of words) for (const text of holed) yield text.replaceAll(HOLE, word);
}

describe('the rules of refusals', () => {
  it('fit an error of lib/ each, which no earlier rule of their list has', () => {
    const waiting = new Set(ruleLists.flatMap(({ rules }) => rules.filter(({ says }) => says)));
    for (const text of texts()) {
      for (const rule of waiting) {
        if (!rule.says?.test(text)) continue;
        const { rules = [] } = ruleLists.find((list) => list.rules.includes(rule)) ?? {};
        if (ruleOf({ code: rule.error, message: text }, rules) === rule) waiting.delete(rule);
      }
      if (waiting.size === 0) break;
    }
    assert.deepEqual(
      [...waiting].map(({ rule }) => rule),
      [],
    );
    // without words: the code is in lib/, as text or as a member of a table; what only the application throws is in the doc comment of an option
    const source = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/^testing|refusals?\.ts$|refusal\//.test(path))
      .map((path) => readFileSync(join(root, 'lib', path), 'utf8'))
      .join('\n');
    const unknown = ruleLists.flatMap(({ rules }) => rules).filter(({ error }) => !source.includes(`'${error}'`));
    assert.deepEqual(
      unknown.map(({ rule }) => rule),
      [],
    );
  });

  it('of two extensions never tell different things of one error: the order in which they are plugged in would decide', () => {
    const extensions = ruleLists.filter(({ path }) => !/^(?:refusal|resource-server)\//.test(path));
    const codes = new Set(extensions.flatMap(({ rules }) => rules.map(({ error }) => error)));
    const anything = [...codes].map((code) => ({ code, message: 'Anything else' }));
    const told = [...thrown(), ...anything].map(({ code, message }) => {
      const first = extensions.flatMap(
        ({ rules }) => rules.find(({ error, says }) => error === code && (says?.test(message) ?? true)) ?? [],
      );
      return {
        code,
        message,
        remedies: new Set(first.map(({ remedy }) => remedy)),
        rules: first.map(({ rule }) => rule),
      };
    });
    const twofold = told.filter(({ remedies }) => remedies.size > 1);
    assert.deepEqual(
      twofold.map(({ code, message, rules }) => [code, message, ...rules]),
      [],
    );
  });

  it('have one for every error that lib/ throws', async () => {
    const all = ruleLists.flatMap(({ rules }) => rules);
    const errors = thrown();
    assert.ok(errors.length > 100, `${errors.length}`);
    const unruled = errors.filter(({ code, message }) => {
      const { section } = ruleOf({ code, message }, all);
      return section === 'RFC 6749 §8.5';
    });
    assert.deepEqual(unruled, []);
  });

  it('are named once each, have a section, and a remedy that is a sentence', async () => {
    assert.ok(ruleLists.length > 15, `${ruleLists.length} lists`);
    const all = ruleLists.flatMap(({ rules }) => rules);
    const names = all.map(({ rule }) => rule);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
    for (const { rule, section, remedy, error } of all) {
      assert.match(rule, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.match(section, /^(?:RFC \d+|draft-|OAuth 2\.0 Multiple|OpenID Connect|CIBA Core)/, rule);
      assert.match(remedy, /^[A-Z].{15,}\.$/, rule);
      assert.ok(error !== '' || rule === 'token-missing', rule);
    }
  });

  it('of an extension come before those of the toolkit', async () => {
    const mine: RefusalRule = { rule: 'mine', error: 'invalid_grant', section: 'RFC 0', remedy: 'Do it.' };
    const { server } = authorizationServer();
    server.extend({ name: 'mine', refusals: [mine] });
    assert.equal(ruleOf({ code: 'invalid_grant', message: 'Anything' }, server.core.refusals), mine);
  });
});
