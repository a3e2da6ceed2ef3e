/** RFC 9101 §5.2, §10.4: how often a registered request_uri is fetched. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type Extension, pushedRequests, type RequestObjectsOptions, requestObjects } from 'koauthorize';
import type { App, User } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { pushingServer } from '../support/pushing-server.js';
import { claimsOf, type Signer, sign, signer, signing } from '../support/request-object.js';

const ID = 'client';
const STRANGER = 'stranger';
const AT = 'https://client.example/request.jwt';

describe('RFC 9101 §5.2 fetching a request_uri', () => {
  let key: Signer;
  before(async () => {
    key = await signer();
  });

  /** Clients with these request_uris, one of the operator and one of a stranger, and their server, which counts what it fetches. */
  async function made(request_uris: readonly string[], options: RequestObjectsOptions<App> = {}) {
    const asked: string[] = [];
    const waiting: (() => void)[] = [];
    const state = { isSlow: false, isGone: false, text: '', visits: 0 };
    const fetch = async (url: string) => {
      asked.push(url);
      if (state.isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
      return new Response(state.text, { status: state.isGone ? 404 : 200 });
    };
    const strangers: Extension<App, User> = {
      name: 'strangers',
      client: (id) => (id === STRANGER ? signing(STRANGER, key, { request_uris }) : undefined),
      madeByAnyone: ({ client_id }) => client_id === STRANGER,
      authorization: {
        resolve() {
          state.visits += 1;
          return undefined;
        },
      },
    };
    const plugs = [strangers, requestObjects<App, User>({ fetch, ...options }), pushedRequests<App, User>()];
    const server = pushingServer({ clients: [signing(ID, key, { request_uris })], plugs });
    state.text = await sign(claimsOf(ID, server.clock.now), key);
    const at = (request_uri: string, client_id = ID) => server.visitor().open({ client_id, request_uri });
    const answer = () => {
      for (const each of waiting.splice(0)) each();
    };
    return { ...server, asked, state, at, answer };
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise(setImmediate);
  }

  it('§10.4 visits at the same time share one fetch, and one that is 5 s later has its own', async () => {
    const { at, asked, state, answer, clock } = await made([AT]);
    state.isSlow = true;
    const visits = Array.from({ length: 5 }, () => at(AT).then(({ status }) => status));
    await until(() => state.visits === 5 && asked.length > 0);
    answer();
    assert.deepEqual(await Promise.all(visits), [200, 200, 200, 200, 200]);
    assert.equal(asked.length, 1);
    state.isSlow = false;
    clock.now += 5;
    await at(AT).expect(200);
    assert.equal(asked.length, 2);
  });

  it('§10.4 no more than atOnce are fetched at once: another one gets 503 with Retry-After', async () => {
    const uris = [1, 2, 3].map((n) => `https://host${n}.example/request.jwt`);
    const { at, asked, state, answer } = await made(uris, { atOnce: 2 });
    state.isSlow = true;
    const [first = '', second = '', third = ''] = uris;
    const visits = [first, second].map((uri) => at(uri).then(({ status }) => status));
    await until(() => asked.length === 2);
    const refused = await at(third);
    assertErrorHere(refused, 503, 'temporarily_unavailable');
    assert.equal(refused.headers['retry-after'], '1');
    state.isSlow = false;
    answer();
    assert.deepEqual(await Promise.all(visits), [200, 200]);
    await at(third).expect(200);
  });

  it('§10.4 no more than perHostAndMinute are fetched from one host in a minute', async () => {
    const [one, two, three, elsewhere] = [AT, `${AT}?2`, `${AT}?3`, 'https://other.example/request.jwt'];
    const { at, asked, clock } = await made([one, two, three, elsewhere], { perHostAndMinute: 2 });
    clock.now = Math.ceil(clock.now / 60) * 60 + 10;
    for (const uri of [one, two]) await at(uri);
    const refused = await at(three);
    assertErrorHere(refused, 503, 'temporarily_unavailable');
    assert.equal(refused.headers['retry-after'], '50');
    await at(elsewhere);
    assert.deepEqual(asked, [one, two, elsewhere]);
    clock.now += 50;
    await at(three);
    assert.equal(asked.length, 4);
  });

  it('§10.4 clients that strangers made do not use up the bounds of other clients', async () => {
    const { at, asked } = await made([AT, `${AT}?2`], { perHostAndMinute: 1 });
    await at(AT, STRANGER);
    assertErrorHere(await at(`${AT}?2`, STRANGER), 503, 'temporarily_unavailable');
    await at(AT).expect(200);
    assert.equal(asked.length, 2);
  });

  it('§10.4 a stranger who visits one request_uri again and again does not use up the fetches of its host', async () => {
    const { at, asked, clock } = await made([AT, `${AT}?2`], { perHostAndMinute: 2 });
    clock.now = Math.ceil(clock.now / 60) * 60;
    for (const seconds of [0, 1, 3]) {
      clock.now += seconds;
      await at(AT).expect(200);
    }
    await at(`${AT}?2`).expect(200);
    assert.deepEqual(asked, [AT, `${AT}?2`]);
  });

  it('§10.4 nor with one whose object cannot be fetched: the failure counts for 5 s', async () => {
    const { at, asked, state, clock } = await made([AT, `${AT}?2`], { perHostAndMinute: 2 });
    clock.now = Math.ceil(clock.now / 60) * 60;
    state.isGone = true;
    for (const _ of [1, 2, 3]) assertErrorHere(await at(AT), 400, 'invalid_request_uri');
    state.isGone = false;
    clock.now += 5;
    await at(AT).expect(200);
    assert.deepEqual(asked, [AT, AT]);
  });

  it('§10.4 an object that is kept for 5 s is judged at each visit: not after exp', async () => {
    const { at, asked, state, clock } = await made([AT]);
    state.text = await sign({ ...claimsOf(ID, clock.now), exp: clock.now - 28 }, key); // clocks may differ by 30 s
    await at(AT).expect(200);
    clock.now += 4;
    assertErrorHere(await at(AT), 400, 'invalid_request_object');
    assert.equal(asked.length, 1);
  });

  it('OpenID Connect Core §6.2 an object whose hash is in the fragment is fetched once', async () => {
    const uris: string[] = [];
    const { at, asked, state } = await made(uris);
    const uri = `${AT}#${hash('sha256', state.text, 'base64url')}`;
    uris.push(uri);
    for (const _ of [1, 2]) await at(uri).expect(200);
    assert.deepEqual(asked, [uri]);
  });

  it('OpenID Connect Core §6.2 an object with another hash, or without one, is fetched again after 5 s', async () => {
    const [other, none] = [`${AT}#${hash('sha256', 'other', 'base64url')}`, AT];
    const { at, asked, clock } = await made([other, none]);
    for (const uri of [other, none, other, none]) {
      await at(uri).expect(200);
      clock.now += 3;
    }
    assert.equal(asked.length, 4);
  });

  it('§6.2 what is kept is judged at each visit', async () => {
    const uris: string[] = [];
    const { at, state, clock } = await made(uris);
    const uri = `${AT}#${hash('sha256', state.text, 'base64url')}`;
    uris.push(uri);
    await at(uri).expect(200);
    clock.now += 86_400;
    assertErrorHere(await at(uri), 400, 'invalid_request_object');
  });
});
