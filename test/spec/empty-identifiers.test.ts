/** An empty text identifies nobody: no client, no user, wherever the application says who somebody is. */
import assert from 'node:assert/strict';
import { introspection, setAuthenticatedClient } from 'koauthorize';
import request from 'supertest';
import { api } from '../resource-server/api.js';
import {
  authorizationServer,
  browser,
  CLIENT,
  ISSUER,
  type Setup,
  type User,
} from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { tokenServer } from '../support/token-server.js';

describe('an empty string is refused as an identifier', () => {
  const USERS: readonly [what: string, setup: Setup][] = [
    ['the id of a user', { before: (ctx, next) => loggedIn(ctx, next, { id: '', name: 'Nobody' }) }],
    ['what createServer({ subject }) gives', { options: { subject: () => '' } }],
  ];
  function loggedIn(ctx: { state: object }, next: () => Promise<void>, user: User): Promise<void> {
    Object.assign(ctx.state, { user });
    return next();
  }
  for (const [what, setup] of USERS) {
    it(`${what}: no dialog is bound to it, and the operator is told`, async () => {
      const { app, errors } = authorizationServer(setup);
      const response = await browser(app, setup.before ? '' : 'alice').authorize();
      assert.match(response.headers['location'] ?? '', /error=server_error/);
      assert.match(errors[0]?.message ?? '', /subject \}\) must give a string that is not empty/);
    });
  }

  it('what createServer({ clientID }) gives: nobody is that client', async () => {
    const { app, errors } = authorizationServer({
      options: { clientID: () => '' },
      routes: (router, server) =>
        router.post(
          '/introspect',
          (ctx, next) => {
            setAuthenticatedClient(ctx, CLIENT);
            return next();
          },
          server.endpoint(introspection(() => ({ active: true, client_id: '' }))),
        ),
    });
    const response = await request(app.callback()).post('/introspect').type('form').send({ token: 'a' });
    assertErrorHere(response, 500, 'server_error');
    assert.match(errors[0]?.message ?? '', /clientID \}\) must give a string that is not empty/);
  });

  it('what tokenService({ subject }) gives: nothing is issued to it', async () => {
    const { app } = tokenServer({ tokens: { subject: () => '' } });
    const { code, error, iss } = await browser(app).allow();
    assert.deepEqual([code, error, iss], [undefined, 'server_error', ISSUER]);
  });

  it('what tokenService({ clientID }) gives: nothing is issued to it', async () => {
    const server = tokenServer({ tokens: { clientID: () => '' } });
    assertErrorHere(await server.redeem(await server.authorize()), 500, 'server_error');
  });

  for (const wrong of [{ subject: '' }, { clientID: '' }]) {
    it(`a verify of one's own that gives ${JSON.stringify(wrong)}: nobody gets in, and the operator is told`, async () => {
      const { ask, seen, errors } = api({ verify: () => ({ scope: [], ...wrong }) });
      await ask('Bearer good').expect(500);
      assert.match(errors[0]?.message ?? '', /verify leaves out a subject or a clientID that is empty/);
      assert.deepEqual(seen, []);
    });
  }
});
