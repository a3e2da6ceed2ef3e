/** passport-http-bearer in front of an API, in the process of the authorization server, as oauth2orize's applications have it. */
import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import passport from 'koa-passport';
import { createServer } from 'koauthorize';
import { StoreUnavailableError, type TokenService, type VerifiedToken } from 'koauthorize/tokens';
import { Strategy } from 'passport-http-bearer';
import request, { type Response } from 'supertest';
import type { App, User } from '../support/authorization-server.js';
import { assertNoStore } from '../support/form.js';
import { tokenServer } from '../support/token-server.js';

type Verify = TokenService<App, User>['verify'];

/** `failWithError` leaves the answer to koauthorize's error handler; without it, passport answers itself. */
function passportAPI(verify: Verify, failWithError = true) {
  const auth = new passport.KoaPassport();
  auth.use(new Strategy((token, done) => void verify(token).then((found) => done(null, found), done)));
  const app = new Koa();
  const errors: Error[] = [];
  app.on('error', (error) => errors.push(error));
  const router = new Router<{ user: VerifiedToken }>();
  router.use(createServer().errorHandler());
  router.get('/', auth.authenticate('bearer', { session: false, failWithError }), (ctx) => {
    ctx.body = { subject: ctx.state.user.subject, scope: ctx.state.user.scope };
  });
  app.use(router.routes());
  const ask = (authorization?: string) => {
    const get = request(app.callback()).get('/');
    return authorization === undefined ? get : get.set('Authorization', authorization);
  };
  return { ask, errors };
}

/** RFC 6750 §3: the challenge is passport's, and the body says the same. */
function assertAnswered(response: Response, status: number, body: object, challenge: string | undefined): void {
  assert.deepEqual([response.status, response.body], [status, body], response.text);
  assert.equal(response.headers['www-authenticate'], challenge);
  assert.match(response.headers['content-type'] ?? '', /^application\/json/);
  assertNoStore(response);
}

describe('passport-http-bearer with tokens.verify', () => {
  it('lets a good token in', async () => {
    const { tokens, connect } = tokenServer();
    const { ask } = passportAPI(tokens.verify);
    const response = await ask(`Bearer ${(await connect()).access_token}`).expect(200);
    assert.deepEqual(response.body, { subject: 'alice', scope: ['read', 'write'] });
  });

  it('RFC 6750 §3.1: a bad one is invalid_token', async () => {
    const { tokens, connect, revoke } = tokenServer();
    const { ask } = passportAPI(tokens.verify);
    const { access_token, refresh_token } = await connect();
    await revoke(access_token).expect(200);
    const challenge = 'Bearer realm="Users", error="invalid_token"';
    for (const token of ['made-up', access_token, refresh_token])
      assertAnswered(await ask(`Bearer ${token}`), 401, { error: 'invalid_token' }, challenge);
  });

  it('RFC 6750 §3.1: none is the bare challenge, and no client’s failure', async () => {
    const { ask } = passportAPI(tokenServer().tokens.verify);
    for (const header of [undefined, 'Basic Y2xpZW50OmNsaWVudC1zZWNyZXQ='])
      assertAnswered(await ask(header), 401, {}, 'Bearer realm="Users"');
  });

  it('a malformed one is invalid_request', async () => {
    const { ask } = passportAPI(tokenServer().tokens.verify);
    assertAnswered(await ask('Bearer a b'), 400, { error: 'invalid_request' }, undefined);
  });

  it('a store that is down is 503, and neither a refusal nor a pass', async () => {
    const { ask, errors } = passportAPI(() => Promise.reject(new StoreUnavailableError('is down', 3)));
    const response = await ask('Bearer good');
    assertAnswered(response, 503, { error: 'temporarily_unavailable' }, undefined);
    assert.equal(response.headers['retry-after'], '3');
    assert.match(String(errors[0]), /is down/);
  });

  it('without failWithError it answers itself, as ever', async () => {
    const { ask } = passportAPI(tokenServer().tokens.verify, false);
    const response = await ask('Bearer made-up').expect(401, 'Unauthorized');
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="Users", error="invalid_token"');
  });
});
