/** Parameters that a specification lets come several times, at both endpoints, from query, form and what body parsers make of it. */
import assert from 'node:assert/strict';
import { bodyParser } from '@koa/bodyparser';
import request from 'supertest';
import { browser, CLIENT, REQUEST, redirected } from '../support/authorization-server.js';
import { assertErrorHere, encode } from '../support/form.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';

declare module 'koauthorize' {
  interface AuthorizationRequest {
    readonly places?: readonly string[];
  }
}

/** Reads `place`, which may come several times. */
const places: TestPlug = {
  name: 'places',
  parameters: ['once'],
  repeatable: ['place'],
  authorization: { parse: ({ params }) => ({ places: params.all('place') }) },
  token: { respond: (_response, { params }) => ({ places: params.all('place'), first: params.get('place') }) },
};

/** Query, form, and forms that a middleware before has parsed. */
const WAYS = ['query', 'form', 'form of a body parser'] as const;

function withPlaces(way: (typeof WAYS)[number]) {
  const before = way === 'form of a body parser' ? { before: bodyParser() } : {};
  const { app, errors } = pluggedServer({ plugs: [places], ...before });
  const authorize = (text: string) => {
    const all = `${encode(REQUEST)}&${text}`;
    const { agent } = browser(app);
    return way === 'query' ? agent.get(`/authorize?${all}`) : agent.post('/authorize').type('form').send(all);
  };
  const token = (text: string) =>
    request(app.callback())
      .post('/token')
      .auth(CLIENT.client_id, `${CLIENT.client_id}-secret`)
      .type('form')
      .send(`grant_type=client_credentials&${text}`);
  return { app, errors, authorize, token };
}

for (const way of WAYS) {
  describe(`a repeatable parameter, by ${way}`, () => {
    const cases: readonly (readonly [text: string, all: readonly string[]])[] = [
      ['place=a', ['a']],
      ['place=a&place=b', ['a', 'b']],
      ['place=b&place=a&place=a', ['b', 'a', 'a']],
      ['place=&place=a', ['a']],
      ['place=a&place=&place=b', ['a', 'b']],
      ['place=', []],
      ['place=&place=', []],
      ['other=x', []],
    ];
    for (const [text, all] of cases) {
      it(`${text}: ${JSON.stringify(all)}, at both endpoints`, async () => {
        const { authorize, token } = withPlaces(way);
        assert.deepEqual((await authorize(text).expect(200)).body.req.places, all);
        const { body } = await token(text).expect(200);
        assert.deepEqual([body.places, body.first], [all, all[0]]);
      });
    }

    it('one of several that is malformed is refused', async () => {
      const { authorize, token } = withPlaces(way);
      assert.equal(redirected(await authorize('place=a&place=%00'))['error'], 'invalid_request');
      assertErrorHere(await token('place=a&place=%00'), 400, 'invalid_request');
    });

    it('all others that somebody reads are refused where they are repeated', async () => {
      const { authorize, token } = withPlaces(way);
      for (const name of ['once', 'scope', 'state', 'code_challenge', 'code_challenge_method', 'response_mode'])
        assert.equal(redirected(await authorize(`${name}=a&${name}=b`))['error'], 'invalid_request', name);
      for (const name of ['once', 'scope', 'code', 'code_verifier', 'redirect_uri', 'client_id', 'refresh_token'])
        assertErrorHere(await token(`${name}=a&${name}=b`), 400, 'invalid_request');
      assertErrorHere(await authorize('client_id=a'), 400, 'invalid_request');
      assertErrorHere(await authorize('redirect_uri=a'), 400, 'invalid_request');
    });

    it('what nobody reads is ignored, several times, too', async () => {
      const { authorize, token } = withPlaces(way);
      await authorize('unknown=a&unknown=b').expect(200);
      await token('unknown=a&unknown=b').expect(200);
    });
  });
}

describe('what a body parser has made an object of', () => {
  const parsed = (body: object) =>
    pluggedServer({
      plugs: [places],
      async before(ctx, next) {
        if (ctx.method === 'POST') Object.assign(ctx.request, { body });
        await next();
      },
    });

  for (const [what, place] of [
    ['an object', { x: 'a' }],
    ['a list with an object in it', ['a', { x: 'b' }]],
    ['a list of lists', [['a']]],
    ['a list with null', ['a', null]],
    ['a number', 7],
  ] as const) {
    it(`${what} as a value of a repeatable parameter is refused, and not ignored`, async () => {
      const { app } = parsed({ ...REQUEST, place });
      assert.equal(
        redirected(await browser(app).agent.post('/authorize').type('form').send('a=b'))['error'],
        'invalid_request',
      );
      const token = parsed({ grant_type: 'client_credentials', place });
      const response = await request(token.app.callback())
        .post('/token')
        .auth(CLIENT.client_id, `${CLIENT.client_id}-secret`)
        .type('form')
        .send('a=b');
      assertErrorHere(response, 400, 'invalid_request');
    });
  }

  for (const [sent, all] of [
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [['', 'a', ''], ['a']],
    [[''], []],
    [['a'], ['a']],
  ] as const) {
    it(`${JSON.stringify(sent)} is ${all.length} values: an empty one counts as omitted`, async () => {
      const { app } = parsed({ ...REQUEST, place: sent });
      const { body } = await browser(app).agent.post('/authorize').type('form').send('a=b');
      assert.deepEqual(body.req.places, all);
    });
  }
});
