/** Authorization requests that a page of another site posts: the browser sends them without the session cookie, which is `SameSite=Lax`. */
import assert from 'node:assert/strict';
import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';
import request from 'supertest';
import {
  authorizationServer,
  CLIENT,
  ISSUER,
  type Params,
  REQUEST,
  type Setup,
} from '../support/authorization-server.js';
import { encode } from '../support/form.js';

/** What a browser says of a form that another site posts. */
const CROSS_SITE = { Origin: 'https://client.example', 'Sec-Fetch-Site': 'cross-site' };

/** A server whose users log in by a session, and a browser. */
function made(setup: Setup = {}) {
  const { app } = authorizationServer({
    authorization: (server) => {
      const authorize = server.authorization((id, uri) => (id === CLIENT.client_id ? [CLIENT, uri] : false));
      const bySession: Middleware = (ctx, next) => {
        ctx.state['user'] = ctx['session'].user;
        return authorize(ctx, next);
      };
      return bySession;
    },
    routes: (router) => {
      router.post('/login', (ctx) => {
        ctx['session'] = { user: { id: 'alice', name: 'Alice' } };
        ctx.body = 'logged in';
      });
    },
    ...setup,
  });
  const agent = request.agent(app.callback());
  /** A form of another site, without the cookie. A browser stores the cookies of the response all the same. */
  const post = (body: string, headers: Readonly<Record<string, string>> = CROSS_SITE, path = '/authorize') =>
    request(app.callback()).post(path).type('form').set(headers).send(body);
  return { app, agent, post };
}

const form = (more: Params = {}): string => encode({ ...REQUEST, ...more });

describe('an authorization request that another site posts', () => {
  it('OpenID Connect Core §3.1.2.1: is repeated by GET, with the cookie of the session, and ends no session', async () => {
    const { agent, post } = made();
    await agent.post('/login').expect(200);
    const { status, headers } = await post(form());
    assert.equal(status, 303); // RFC 9700 §4.12
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['location'], `?${form()}`); // relative, so that a path under which the application is mounted is kept
    const dialog = await agent.get(`/authorize${headers['location']}`).expect(200);
    assert.equal(dialog.body.user.id, 'alice');
  });

  const elsewhere: readonly Readonly<Record<string, string>>[] = [
    { 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site', Origin: ISSUER },
    { Origin: 'https://client.example' },
    { Origin: 'null' },
  ];
  for (const headers of elsewhere)
    it(`is one whose headers say ${JSON.stringify(headers)}`, async () => {
      await made().post(form(), headers).expect(303).expect('Location', `?${form()}`);
    });

  const here: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' },
    { 'Sec-Fetch-Site': 'none' },
    { Host: 'as.internal', Origin: 'http://as.internal' },
    { Host: 'as.internal', Origin: ISSUER },
  ];
  for (const headers of here)
    it(`is not one whose headers say ${JSON.stringify(headers)}`, async () => {
      const { post } = made({ options: { issuer: ISSUER }, plug: (server) => void server.grant('code', () => ({})) });
      const { body } = await post(form(), headers).expect(200);
      assert.equal(body.req.clientID, 'client');
    });

  it('RFC 6749 §3.1: a repeated parameter stays repeated, and is refused', async () => {
    const { agent, post } = made();
    const body = form({ state: ['a', 'b'], unknown: ['c', 'd'] });
    const { headers } = await post(body).expect(303);
    assert.deepEqual(new URLSearchParams(headers['location']).getAll('state'), ['a', 'b']);
    assert.deepEqual(new URLSearchParams(headers['location']).getAll('unknown'), ['c', 'd']);
    const refused = await agent.get(`/authorize${headers['location']}`).expect(302);
    assert.match(refused.headers['location'] ?? '', /error=invalid_request/);
  });

  it('a parameter that is not a string is refused, and no session begins', async () => {
    const { post } = made({ before: bodyParser({ jsonStrict: true }) });
    const headers = { ...CROSS_SITE, 'Content-Type': 'application/json' };
    const { headers: sent } = await post(JSON.stringify({ ...REQUEST, state: { a: 'b' } }), headers).expect(400);
    assert.equal(sent['set-cookie'], undefined);
  });

  it('RFC 6749 §3.1: the query of the endpoint is retained, and no parameter of the request comes from it', async () => {
    const { headers } = await made().post(form(), CROSS_SITE, '/authorize?tenant=a&scope=admin&state=x').expect(303);
    assert.equal(headers['location'], `?${form()}&tenant=a`);
  });

  const LONG = 'x'.repeat(6001);

  it('is posted again by a page of the server if it is too long for a URL, so that padding logs nobody out', async () => {
    const { post } = made();
    const whole = { ...CROSS_SITE, 'Sec-Fetch-Dest': 'document' };
    const { text, headers } = await post(form({ unknown: LONG, state: ['a', '"'] }), whole).expect(200);
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(headers['content-security-policy'] ?? '', /; frame-ancestors 'none'$/);
    assert.match(text, /<form method="post" action="">/); // the same URL
    assert.ok(text.includes(`<input type="hidden" name="unknown" value="${LONG}">`));
    assert.ok(text.includes('name="state" value="a"><input type="hidden" name="state" value="&quot;">'));
  });

  const others: readonly Readonly<Record<string, string>>[] = [
    { ...CROSS_SITE, 'Sec-Fetch-Dest': 'iframe' }, // the browser takes no cookie with SameSite=Lax from the response
    { Origin: 'https://client.example' }, // the page of the server could look the same, and would post without end
  ];
  for (const headers of others)
    it(`goes on as it came if it is too long for a URL, and its headers say ${JSON.stringify(headers)}`, async () => {
      const { body } = await made()
        .post(form({ unknown: LONG }), headers)
        .expect(200);
      assert.equal(body.req.clientID, 'client');
    });
});
