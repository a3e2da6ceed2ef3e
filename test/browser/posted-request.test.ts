/** What a page of a client at another site and the authorization endpoint post to each other, in Chromium. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import session from 'koa-session';
import type { BrowserContext } from 'playwright-core';
import { authorizationServer, CLIENT, REQUEST } from '../support/authorization-server.js';
import { browserOfSuite } from '../support/chromium.js';
import { encode } from '../support/form.js';

/** Another site than `localhost`, to a browser. */
const CLIENT_HOST = '127.0.0.1';

interface Received {
  readonly method: string | undefined;
  readonly origin: string | undefined;
  readonly body: URLSearchParams;
}

describe('another site in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();
  const servers: Server[] = [];
  let context: BrowserContext;
  afterEach(async () => {
    await context?.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen(listener: RequestListener, host: string): Promise<string> {
    const server = createServer(listener).listen(0, host);
    servers.push(server);
    await once(server, 'listening');
    return `http://${host}:${(server.address() as AddressInfo).port}`;
  }

  /** A client with a page of its own, and a provider at which the user is logged in by a session. */
  async function made() {
    const received: Received[] = [];
    let page = '';
    const client = await listen(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      if (req.url === '/callback')
        received.push({ method: req.method, origin: req.headers.origin, body: new URLSearchParams(body) });
      res.setHeader('content-type', 'text/html').end(req.url === '/callback' ? '<p>back</p>' : page);
    }, CLIENT_HOST);
    const other = await listen((_req, res) => {
      res.setHeader('content-type', 'text/html').end(page);
    }, 'localhost');
    const { app } = authorizationServer({
      clients: [{ ...CLIENT, redirect_uris: [`${client}/callback`] }],
      session: (koa) => session({ sameSite: 'lax' }, koa),
      authorization: (server) => {
        const clientOf = (id: string) => ({ ...CLIENT, client_id: id, redirect_uris: [`${client}/callback`] });
        const authorize = server.authorization((id, uri) => [clientOf(id), uri]);
        return (ctx, next) => {
          ctx.state['user'] = ctx['session'].user;
          return authorize(ctx, next);
        };
      },
      routes: (router) => {
        router.get('/login', (ctx) => {
          ctx['session'].user = { id: 'alice', name: 'Alice' };
          ctx.body = 'logged in';
        });
      },
    });
    const provider = await listen(app.callback(), 'localhost');
    context = await browser().newContext();
    const tab = await context.newPage();
    await tab.goto(`${provider}/login`);
    const asked = { ...REQUEST, redirect_uri: `${client}/callback` };
    const show = async (site: string, html: string): Promise<void> => {
      page = html;
      await tab.goto(`${site}/start`);
    };
    return { asked, client, other, provider, received, show, tab };
  }

  async function postsAndStaysLoggedIn(more: string): Promise<void> {
    const { asked, client, provider, show, tab } = await made();
    const inputs = Object.entries({ ...asked, more }).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    const form = `<form method="post" action="${provider}/authorize">${inputs.join('')}<button>Log in</button></form>`;
    await show(client, form);
    await tab.getByRole('button').click();
    await tab.getByText('transactionID').waitFor();
    assert.equal(JSON.parse(await tab.innerText('body')).user?.id, 'alice');
    await tab.goto(`${provider}/authorize?${encode(asked)}`);
    assert.equal(JSON.parse(await tab.innerText('body')).user?.id, 'alice');
  }

  it('posts an authorization request: the logged-in user sees the dialog, and stays logged in', () =>
    postsAndStaysLoggedIn(''));

  it('posts an authorization request that is too long for a URL: the logged-in user sees the dialog, and stays logged in', () =>
    postsAndStaysLoggedIn('x'.repeat(6001)));

  it('gets a form_post response with the origin of the provider, so that it can check where the response comes from', async () => {
    const { asked, client, provider, received, tab } = await made();
    await tab.goto(`${provider}/authorize?${encode({ ...asked, response_mode: 'form_post', scope: '"' })}`);
    await tab.waitForURL(`${client}/callback`);
    assert.deepEqual(
      received.map(({ method, origin, body }) => [method, origin, body.get('error')]),
      [['POST', provider, 'invalid_scope']],
    );
  });

  it('gets a form_post response in a hidden frame, and a page of any other origin gets none', async () => {
    const { asked, client, other, provider, received, show, tab } = await made();
    const frame = `<iframe src="${provider}/authorize?${encode({ ...asked, response_mode: 'form_post', scope: '"' })}"></iframe>`;
    await show(other, frame);
    await tab.waitForTimeout(500);
    assert.equal(received.length, 0);
    await show(client, frame);
    await tab.frameLocator('iframe').getByText('back').waitFor({ timeout: 10_000 });
    assert.equal(received[0]?.body.get('error'), 'invalid_scope');
  });
});
