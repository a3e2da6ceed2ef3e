/** docs/recipes.md, "Under a prefix, behind nginx": its application behind its nginx, over TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as oauth from 'oauth4webapi';
import { recipe, recipes } from './readme/recipe.js';
import { skipStore } from './support/missing-server.js';
import { isInstalled, type Nginx, startNginx } from './support/nginx.js';

const ISSUER = 'https://as.example/oauth';
const CONFIGURATION = recipes().blocks.find(({ language }) => language === 'nginx')?.text ?? assert.fail('no block');

/** What the application knows of a request. */
interface Seen {
  readonly ip: string;
  readonly host: string;
  readonly secure: boolean;
}

describe('the recipe of nginx', function () {
  this.timeout(20_000);
  const http = createServer();
  let nginx: Nginx | undefined;
  const start = async (configuration: string): Promise<Nginx> => {
    nginx = await startNginx('as.example', configuration, (http.address() as AddressInfo).port);
    return nginx;
  };

  before(async function () {
    if (!isInstalled) skipStore(this, 'nginx');
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const koa = await recipe('prefix', 'koa');
    koa.silent = true;
    koa.use((ctx) => {
      ctx.body = { ip: ctx.ip, host: ctx.host, secure: ctx.secure } satisfies Seen; // what no route has taken
    });
    http.on('request', koa.callback());
  });
  afterEach(async () => {
    await nginx?.stop();
    nginx = undefined;
  });
  after(() => void http.close());

  /** A client that knows the issuer, and a browser. */
  async function connect({ fetch }: Nginx): Promise<{ readonly cookies: readonly string[]; readonly token: string }> {
    const options = { [oauth.customFetch]: fetch as never };
    const issuer = new URL(ISSUER);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...options });
    const server = await oauth.processDiscoveryResponse(issuer, found);
    const client = { client_id: 'web' };
    const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: 'web',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const dialog = await fetch(url);
    const { transaction_id } = (await dialog.json()) as { transaction_id: string };
    const cookies = dialog.headers.getSetCookie();
    const cookie = cookies.map((line) => line.split(';', 1)[0]).join('; ');
    const body = new URLSearchParams({ transaction_id });
    const decided = await fetch(`${ISSUER}/authorize/decision`, { method: 'POST', headers: { cookie }, body });
    const answer = oauth.validateAuthResponse(server, client, new URL(decided.headers.get('location') ?? ''), state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.ClientSecretBasic('a secret'),
      answer,
      'https://web.example/cb',
      verifier,
      options,
    );
    const { access_token } = await oauth.processAuthorizationCodeResponse(server, client, response);
    return { cookies, token: access_token };
  }

  const FORGED = {
    'X-Forwarded-For': '203.0.113.7',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'http',
  };
  const seen = async ({ fetch }: Nginx, headers: Record<string, string> = {}): Promise<Seen> =>
    (await (await fetch(`${ISSUER}/anything`, { headers })).json()) as Seen;

  /** As many dialogs as wait at once in one browser, each with a state as large as clients make it. @returns the statuses */
  async function manyDialogs({ fetch }: Nginx): Promise<readonly number[]> {
    const jar = new Map<string, string>();
    const statuses: number[] = [];
    for (let dialog = 0; dialog < 3; dialog++) {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'web',
        state: 's'.repeat(600),
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
      });
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(`${ISSUER}/authorize?${query}`, { headers: { cookie } });
      statuses.push(response.status);
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(name, value);
      }
    }
    return statuses;
  }

  describe('with this configuration in nginx', () => {
    let running: Nginx;
    beforeEach(async () => {
      running = await start(CONFIGURATION);
    });

    it('a client finds the server by its issuer, and gets a token', async () => {
      assert.ok((await connect(running)).token.length > 20);
    });

    it('cookies are Secure', async () => {
      const { cookies } = await connect(running);
      assert.ok(cookies.length > 0);
      for (const line of cookies) assert.match(line, /; secure/i);
    });

    it('addresses and hosts that the browser forges do not count', async () => {
      const honest: Seen = { ip: '127.0.0.1', host: 'as.example', secure: true };
      assert.deepEqual(await seen(running), honest);
      assert.deepEqual(await seen(running, FORGED), honest);
    });

    it('a browser in which many dialogs wait is answered', async () => {
      assert.deepEqual(await manyDialogs(running), [200, 200, 200]);
    });
  });

  describe('without one of the lines', () => {
    const without = (line: RegExp): Promise<Nginx> => {
      const rest = CONFIGURATION.split('\n').filter((each) => !line.test(each));
      assert.ok(rest.length < CONFIGURATION.split('\n').length, `${line} is not there`);
      return start(rest.join('\n'));
    };

    it('X-Forwarded-For: the browser chooses its address', async () => {
      assert.equal((await seen(await without(/X-Forwarded-For/), FORGED)).ip, '203.0.113.7');
    });

    it('X-Forwarded-Host: the browser chooses the host', async () => {
      assert.equal((await seen(await without(/X-Forwarded-Host/), FORGED)).host, 'evil.example');
    });

    it('X-Forwarded-Proto: cookies are not Secure', async () => {
      const { cookies } = await connect(await without(/X-Forwarded-Proto/));
      assert.ok(cookies.length > 0);
      for (const line of cookies) assert.doesNotMatch(line, /; secure/i);
    });

    it('buffers: a browser in which many dialogs wait gets 502', async () => {
      assert.ok((await manyDialogs(await without(/proxy_buffer/))).includes(502));
    });

    it('the location of the metadata: clients do not find the server', async () => {
      const configuration = CONFIGURATION.replace('location = /.well-known', 'location = /elsewhere');
      await assert.rejects(connect(await start(configuration)));
    });
  });
});
