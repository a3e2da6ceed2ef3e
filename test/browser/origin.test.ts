/** What a browser says of where the dialog's own form comes from. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { authorizationServer, CHALLENGE } from '../support/authorization-server.js';
import { browserOfSuite } from '../support/chromium.js';

describe('the dialog in Chromium', function () {
  this.timeout(60_000);
  const browser = browserOfSuite();

  it('RFC 9700 §4.2.4: its own form comes with its own origin, and passes an Origin check before the decision', async () => {
    const origins: (string | undefined)[] = [];
    const { app } = authorizationServer({
      before: async (ctx, next) => {
        ctx.state['user'] = { id: 'alice' };
        if (ctx.method === 'POST') origins.push(ctx.req.headers.origin);
        if (ctx.method === 'POST' && ctx.get('Origin') !== ctx.origin && ctx.get('Origin') !== `http://${ctx.host}`)
          return ctx.throw(403, 'Another site');
        await next();
      },
      dialog: (ctx) => {
        ctx.type = 'html';
        ctx.body = `<form method="post" action="/decision"><input name="transaction_id" value="${ctx.state['oauth2'].transactionID}">
          <button name="cancel">Deny</button></form>`;
      },
    });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const page = await browser().newPage();
      assert.ok(page);
      await page.route('https://client.example/**', (route) => route.fulfill({ body: 'the client' }));
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: 'client',
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      });
      await page.goto(`${url}/authorize?${query}`);
      const sent = page.waitForRequest('https://client.example/**');
      await page.getByRole('button').click();
      assert.match((await sent).url(), /error=access_denied/);
      assert.deepEqual(origins, [url]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
