/** docs/recipes.md, "Login by a passkey", with an authenticator in software, which can be dishonest. */
import assert from 'node:assert/strict';
import type Koa from 'koa';
import request from 'supertest';
import { recipe } from './readme/recipe.js';
import { Authenticator } from './support/authenticator.js';

const ORIGIN = 'https://as.example';

const AUTHORIZE = `/authorize?${new URLSearchParams({
  response_type: 'code',
  client_id: 'web',
  state: 'xyz',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})}`;

type Agent = ReturnType<typeof request.agent>;
/** Made of a question, for the server. */
type Answer = (question: { readonly challenge: string }) => string;

describe('the recipe of passkeys', () => {
  let koa: Koa;
  let agent: Agent;
  let passkey: Authenticator;
  beforeEach(async () => {
    const invitations = new Map([
      ['for alice', 'alice'],
      ['for bob', 'bob'],
    ]);
    koa = (await recipe('passkeys', 'passkeyServer'))(invitations);
    koa.silent = true;
    koa.proxy = true;
    agent = browser();
    passkey = new Authenticator(ORIGIN, { verifiesUser: true });
  });

  const browser = (address = '192.0.2.1'): Agent => request.agent(koa.callback()).set('X-Forwarded-For', address);
  const post = (by: Agent, path: string, body: string | object) => by.post(path).type('json').send(body);
  const invited = (by: Agent, secret = 'for alice') => post(by, '/invitation', { secret });
  const questionAt = async (by: Agent, path: string) => (await by.post(path)).body;
  async function answers(by: Agent, path: '/passkeys' | '/login', answer: Answer): Promise<number> {
    return (await post(by, path, answer(await questionAt(by, `${path}/question`)))).status;
  }
  const makes = (by = agent, answer: Answer = (asked) => passkey.make(asked)) => answers(by, '/passkeys', answer);
  const logsIn = (by = agent, answer: Answer = (asked) => passkey.show(asked)) => answers(by, '/login', answer);
  const isLoggedIn = async (by = agent): Promise<boolean> =>
    typeof (await by.get(AUTHORIZE)).body.transaction_id === 'string';

  async function withPasskey(): Promise<void> {
    await invited(agent).expect(204);
    assert.equal(await makes(), 204);
  }

  it('who was invited makes a passkey, and logs in by it alone', async () => {
    await withPasskey();
    assert.ok(!(await isLoggedIn()), 'an invitation is no login');
    const other = browser('192.0.2.2');
    assert.deepEqual((await other.get(AUTHORIZE)).body, { login: '/login/question' });
    assert.equal(await logsIn(other), 204);
    const { body } = await other.get(AUTHORIZE);
    const decided = await other.post('/authorize/decision').type('form').send({ transaction_id: body.transaction_id });
    assert.match(decided.headers['location'] ?? '', /^https:\/\/web\.example\/cb\?code=/);
  });

  it('asks for a verified user, and for a passkey that the device finds by itself', async () => {
    await invited(agent);
    const made = await questionAt(agent, '/passkeys/question');
    assert.deepEqual(
      [made.authenticatorSelection.userVerification, made.authenticatorSelection.residentKey],
      ['required', 'required'],
    );
    const asked = await questionAt(agent, '/login/question');
    assert.deepEqual([asked.userVerification, asked.allowCredentials], ['required', undefined]);
  });

  it('an invitation counts once, and nobody makes a passkey without one or a login', async () => {
    assert.equal((await agent.post('/passkeys/question')).status, 401);
    assert.equal((await invited(agent, 'a guess')).status, 403);
    await withPasskey();
    assert.equal((await invited(browser())).status, 403);
    assert.equal((await agent.post('/passkeys/question')).status, 401, 'one passkey for one invitation');
    assert.equal(await logsIn(), 204);
    const second = new Authenticator(ORIGIN, { verifiesUser: true });
    assert.equal(await makes(agent, (asked) => second.make(asked)), 204);
    assert.equal(await logsIn(browser(), (asked) => second.show(asked)), 204);
  });

  it('an invitation counts once, also in a cookie that is sent again, and at two requests at the same moment', async () => {
    const cookies = (await invited(agent)).headers['set-cookie'] as unknown as readonly string[];
    const cookie = cookies.map((each) => each.split(';', 1)[0]).join('; ');
    const copy = (): Agent => request.agent(koa.callback()).set('Cookie', cookie);
    assert.equal((await copy().post('/passkeys/question')).status, 200);
    const made = await Promise.all(
      [agent, browser()].map(async (by) => {
        await invited(by);
        return makes(by, (asked) => new Authenticator(ORIGIN, { verifiesUser: true }).make(asked));
      }),
    );
    assert.equal(made.filter((status) => status === 204).length, 1, `${made}`);
    assert.equal((await copy().post('/passkeys/question')).status, 401);
  });

  it('an answer counts once, at two requests at the same moment, too', async () => {
    await withPasskey();
    const answer = passkey.show(await questionAt(agent, '/login/question'));
    const both = await Promise.all([post(agent, '/login', answer), post(agent, '/login', answer)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [204, 400]);
    assert.equal((await post(agent, '/login', answer)).status, 400);
  });

  it('a question that was answered wrongly is asked no more', async () => {
    await withPasskey();
    const question = await questionAt(agent, '/login/question');
    assert.equal((await post(agent, '/login', passkey.show(question, { origin: 'https://evil.example' }))).status, 403);
    assert.equal((await post(agent, '/login', passkey.show(question))).status, 400);
  });

  it('only in the browser that was asked an answer counts, and only for what was asked', async () => {
    await withPasskey();
    const answer = passkey.show(await questionAt(agent, '/login/question'));
    const other = browser();
    assert.equal((await post(other, '/login', answer)).status, 400, 'nothing was asked there');
    await questionAt(other, '/login/question');
    assert.equal((await post(other, '/login', answer)).status, 403, 'another question');
    await invited(other, 'for bob');
    const toMake = await questionAt(other, '/passkeys/question');
    assert.equal((await post(other, '/login', passkey.show(toMake))).status, 400, 'a question for another purpose');
    assert.ok(!(await isLoggedIn(other)));
  });

  it('on the right origin only is an answer made', async () => {
    const origin = 'https://as.example.evil.example';
    await invited(agent);
    assert.equal(await makes(agent, (asked) => passkey.make(asked, { origin })), 403);
    assert.equal(await makes(), 204);
    assert.equal(await logsIn(agent, (asked) => passkey.show(asked, { origin })), 403);
    assert.equal(await logsIn(), 204);
  });

  it('with a verified user only is an answer good', async () => {
    await invited(agent);
    const careless = new Authenticator(ORIGIN);
    assert.equal(await makes(agent, (asked) => careless.make(asked)), 403);
    assert.equal(await makes(), 204);
    assert.equal(await logsIn(agent, (asked) => passkey.show(asked, { verifiesUser: false })), 403);
  });

  it('with a count that was there before an answer is of a copy', async () => {
    await withPasskey();
    assert.equal(await logsIn(agent, (asked) => passkey.show(asked, { counter: 5 })), 204);
    for (const counter of [4, 5])
      assert.equal(await logsIn(browser(), (asked) => passkey.show(asked, { counter })), 403);
    const [one, other] = [browser(), browser()];
    const both = await Promise.all(
      [one, other].map((by) => logsIn(by, (asked) => passkey.show(asked, { counter: 6 }))),
    );
    assert.deepEqual(both.sort(), [204, 403]);
  });

  it('the passkey of one user is not made that of another', async () => {
    await withPasskey();
    const bob = browser();
    await invited(bob, 'for bob');
    assert.equal(await makes(bob), 403);
  });

  it('answers of one address are limited, and those of others are not', async () => {
    await withPasskey();
    for (let time = 0; time < 57; time++) assert.equal((await post(agent, '/login', {})).status, 400);
    const refused = await agent.post('/login/question');
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal(await logsIn(browser('192.0.2.2')), 204);
  });

  it('what is no answer is refused, and is no fault of the server', async () => {
    await withPasskey();
    for (const body of [
      'null',
      '[]',
      '"x"',
      '{"id":{}}',
      '{',
      JSON.stringify({ ...JSON.parse(passkey.show({ challenge: 'x' })), response: 1 }),
    ]) {
      await questionAt(agent, '/login/question');
      const { status } = await post(agent, '/login', body);
      assert.ok(status >= 400 && status < 500, `${body}: ${status}`);
    }
  });
});
