/** What operators are shown how to log errors with: examples/full/logging.ts, and the sample of docs/running-it.md. */
import assert from 'node:assert/strict';
import { bodyParser } from '@koa/bodyparser';
import Koa from 'koa';
import { AuthorizationError, createServer, ForbiddenError } from 'koauthorize';
import request from 'supertest';
import { logErrors, logger, logRefusals } from '../../examples/full/logging.js';
import { pages, write } from '../readme/pages.js';
import { exchangeRaw } from '../resource-server/api.js';
import { assertErrorHere } from '../support/form.js';

type Listener = (error: unknown, ctx?: unknown) => void;

interface Sample {
  readonly koa: Koa;
  readonly log: { error(fields: object): void };
}

function example(lines: string[]): Listener {
  return logErrors(logger('trace', { write: (line) => void lines.push(line) })) as Listener;
}

/** The listener that the page shows, as it stands there. */
async function documented(lines: string[]): Promise<Listener> {
  const page = pages().find(({ path }) => path === 'docs/running-it.md');
  const module = page?.modules.find(({ name }) => name === 'logs');
  assert.ok(page && module, 'the page has a sample of that name');
  const before = process.listeners('warning');
  const { koa, log } = (await write('logging', [page]).load(page, module)) as Sample;
  for (const listener of process.listeners('warning')) if (!before.includes(listener)) process.off('warning', listener);
  log.error = (fields) => void lines.push(JSON.stringify(fields));
  const [listener] = koa.listeners('error');
  assert.ok(listener);
  return listener as Listener;
}

const SECRETS = ['top-secret-of-the-kraken', 'refresh-token-of-alice'];

for (const [name, listenerFor] of [
  ['examples/full/logging.ts', async (lines: string[]) => example(lines)],
  ['docs/running-it.md', documented],
] as const) {
  describe(`${name}, the error log`, () => {
    const lines: string[] = [];
    let listener: Listener;
    before(async () => {
      listener = await listenerFor(lines);
    });
    beforeEach(() => void lines.splice(0));

    const appWith = (prepare: (app: Koa) => void): Koa => {
      const app = new Koa();
      app.on('error', listener);
      if (name.startsWith('examples'))
        app.on('refusal', logRefusals(logger('trace', { write: (line) => void lines.push(line) })));
      prepare(app);
      return app;
    };

    for (const spoil of [
      ['no end', (json: string) => json.slice(0, -1)],
      ['a word too many', (json: string) => `${json.slice(0, -2)}oops`],
      ['words only', () => SECRETS.join(' ')],
    ] as const) {
      it(`a body parser's error is logged without the body: malformed JSON, ${spoil[0]}`, async () => {
        const server = createServer();
        const app = appWith((app) => app.use(server.errorHandler()).use(bodyParser()).use(server.token()));
        const json = JSON.stringify({ client_secret: SECRETS[0], refresh_token: SECRETS[1] });
        const answer = await request(app.callback()).post('/token').type('json').send(spoil[1](json));
        assertErrorHere(answer, 400, 'invalid_request');
        const log = lines.join('');
        assert.match(log, /SyntaxError|"name"/, 'it is logged');
        for (const secret of SECRETS)
          for (const part of [secret.slice(0, 5), secret.slice(-6)]) assert.ok(!log.includes(part), log);
      });
    }

    it('an error of the protocol is logged with its message, and a dialog without its ID', () => {
      listener(new AuthorizationError('Unknown scope: admin', 'invalid_scope'));
      assert.match(lines.join(''), /Unknown scope: admin/);
      listener(new ForbiddenError('the dialog Xq9zK'));
      assert.doesNotMatch(lines.join(''), /Xq9zK/); // times and process IDs have digits
    });

    it('a fault is logged with its message, and where it came from', () => {
      listener(new TypeError('of undefined'));
      assert.match(lines.join(''), /of undefined/);
      assert.match(lines.join(''), /logging\.test\.ts:\d+/);
    });

    it('a refusal is logged with client, value and registration', async () => {
      const clients = { demo: { client_id: 'demo', redirect_uris: ['https://demo.example/cb'] } };
      const server = createServer();
      const app = appWith((app) =>
        app.use(server.errorHandler()).use(server.authorization((id, uri) => [clients[id as 'demo'], uri])),
      );
      const query = 'response_type=code&client_id=demo&redirect_uri=https://other.example/cb&state=the-state';
      await request(app.callback()).get(`/authorize?${query}`).expect(400);
      const [line = ''] = lines;
      for (const text of ['demo', 'https://other.example/cb', 'https://demo.example/cb'])
        assert.ok(line.includes(text), line);
      assert.equal(line.includes('the-state'), false);
    });

    it('never throws, whatever it is given', () => {
      const circular = Object.assign(new Error('x'), { cause: {} as unknown });
      circular.cause = circular;
      const odd = Object.assign(new Error('x'), { name: Symbol('x'), code: Object.create(null), stack: 1, status: {} });
      const given = [undefined, null, 'text', 1, Symbol('x'), Object.create(null), circular, odd, Object.freeze(odd)];
      for (const error of given) listener(error);
      assert.equal(lines.length, given.length);
    });

    it('a request target that cannot be read does not end the process, even without requestTarget()', async () => {
      const app = appWith((app) =>
        app.use((ctx) => {
          ctx.body = ctx.path;
        }),
      );
      const { status } = await exchangeRaw(app, ['GET http://[::1/ HTTP/1.1', 'Host: localhost']);
      assert.equal(status, 500);
      assert.equal(lines.length, 1);
    });
  });
}
