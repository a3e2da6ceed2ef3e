/** What the user must still do before a request is allowed: asked before `immediate`, and before a decision counts. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { AuthorizationError } from 'koauthorize';
import { browser, exchangeCode, redirected } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { type PluggedSetup, pluggedServer, showPrompts, type TestPlug } from '../support/plugged-server.js';

/** Wants one thing of the user, until it was done. */
const wants = (word: string): TestPlug => ({
  name: `wants ${word}`,
  authorization: { prompt: (txn) => (txn.done?.includes(word) ? undefined : [word]) },
});

interface PromptSetup extends PluggedSetup {
  /** Whether `immediate` says yes. */
  readonly immediate?: boolean;
}

/** `done` is what the query says; of `immediate` it is counted how often it was asked. */
function withPrompts({ immediate = false, ...setup }: PromptSetup = {}) {
  const asked: unknown[] = [];
  const ask = (txn: { readonly user?: unknown }): boolean => {
    asked.push(txn.user);
    return immediate;
  };
  const made = pluggedServer({
    dialog: showPrompts,
    authorization: (server) => server.authorization((id, uri) => [made_find(id), uri], ask),
    resume: (server) => server.resume({ done: ({ query }) => [query['done'] ?? []].flat() }, ask),
    ...setup,
  });
  function made_find(id: string) {
    return made.find(id);
  }
  const visitor = (user = 'alice') => {
    const { agent, authorize, decide } = browser(made.app, user);
    const resume = (transactionID: string, done: readonly string[] = [], as = user) =>
      agent.get('/resume').set('X-User', as).query({ transaction_id: transactionID, done });
    const decideAs = (as: string, transactionID: string, more: object = {}) =>
      agent
        .post('/decision')
        .set('X-User', as)
        .type('form')
        .send({ transaction_id: transactionID, ...more });
    return { agent, authorize, decide, resume, decideAs };
  };
  return { ...made, asked, visitor };
}

describe('prompts', () => {
  it('where nothing is due the page is the consent, and immediate is asked', async () => {
    const { visitor, asked } = withPrompts();
    const { body } = await visitor().authorize().expect(200);
    assert.deepEqual([body.prompts, asked.length], [['consent'], 1]);
  });

  it('several extensions: each word once, in the order in which they were plugged in', async () => {
    const plugs = [wants('login'), { ...wants('login'), name: 'a second' }, wants('mfa')] as const;
    const { visitor } = withPrompts({ plugs });
    assert.deepEqual((await visitor().authorize()).body.prompts, ['login', 'mfa']);
  });

  it('while a prompt is due, immediate is not called, and the response is a page for the user, not a code for the client', async () => {
    const { visitor, asked } = withPrompts({ plugs: [wants('mfa')], immediate: true });
    const { body } = await visitor().authorize().expect(200);
    assert.deepEqual([body.prompts, asked], [['mfa'], []]);
  });

  it('a consent that an extension requires is asked for, whatever immediate would say, and a decision gives it', async () => {
    const { visitor, asked } = withPrompts({ plugs: [wants('consent')], immediate: true });
    const { authorize, decide } = visitor();
    const { body } = await authorize().expect(200);
    assert.deepEqual([body.prompts, asked], [['consent'], []]);
    assert.ok(redirected(await decide(body.transactionID).expect(303))['code']);
  });

  it('a decision is refused while a prompt is due: the dialog stays, and no response goes to the client', async () => {
    const { visitor, errors } = withPrompts({ plugs: [wants('mfa')] });
    const { authorize, decide, resume } = visitor();
    const { transactionID } = (await authorize()).body;
    const refused = await decide(transactionID);
    assertErrorHere(refused, 403, 'access_denied');
    assert.match(refused.body.error_description, /you have to complete: mfa/);
    assert.match(String(errors[0]?.cause), /came before what an extension requires/);
    assert.deepEqual((await resume(transactionID, ['mfa'])).body.prompts, ['consent']);
    assert.ok(redirected(await decide(transactionID).expect(303))['code']);
  });

  it('a denial needs nothing of the user first', async () => {
    const { visitor } = withPrompts({ plugs: [wants('mfa')] });
    const { authorize, decide } = visitor();
    const { transactionID } = (await authorize()).body;
    assert.equal(redirected(await decide(transactionID, { cancel: 'no' }))['error'], 'access_denied');
  });

  it('resume asks again: what was done stays done, and what is left is shown', async () => {
    const { visitor, asked } = withPrompts({ plugs: [wants('login'), wants('mfa')], immediate: true });
    const { authorize, resume } = visitor();
    const { transactionID } = (await authorize()).body;
    assert.deepEqual((await resume(transactionID)).body.prompts, ['login', 'mfa']);
    assert.deepEqual((await resume(transactionID, ['login'])).body.prompts, ['mfa']);
    assert.deepEqual((await resume(transactionID)).body.done, ['login']);
    assert.equal(asked.length, 0);
    assert.ok(redirected(await resume(transactionID, ['mfa']).expect(302))['code']);
    assert.equal(asked.length, 1);
  });

  for (const [wrong, right] of [
    ['Login', 'login'],
    ['logon', 'login'],
    ['selectAccount', 'select_account'],
    ['creat', 'create'],
  ] as const)
    it(`done: ['${wrong}'] is the application’s mistake, by which a login would be due for ever`, async () => {
      const { visitor, errors } = withPrompts({ plugs: [wants('mfa')] });
      const { authorize, resume } = visitor();
      const { transactionID } = (await authorize()).body;
      await resume(transactionID, [wrong]).expect(500);
      assert.equal(String(errors[0]), `TypeError: done has no word "${wrong}". Did you mean ${right}?`);
      await resume(transactionID, ['mfa', 'Lagom', 'x']).expect(200);
    });

  it('a resumption that is spread asks done once: it may forget what it has told', async () => {
    let told: readonly string[] = ['mfa'];
    const done = () => {
      const words = told;
      told = [];
      return words;
    };
    const { visitor } = withPrompts({
      plugs: [wants('mfa')],
      resume: (server) => {
        const [load, answer] = [...server.resume({ done }, () => false)];
        return async (ctx, next) => load?.(ctx, async () => answer?.(ctx, next));
      },
    });
    const { authorize, resume } = visitor();
    const { transactionID } = (await authorize()).body;
    assert.deepEqual((await resume(transactionID)).body.prompts, ['consent']);
  });

  it('a step that refuses to show a page answers the client, and knows what is due', async () => {
    const silent: TestPlug = {
      name: 'silent',
      authorization: {
        interact({ prompts }) {
          throw new AuthorizationError(`Due: ${prompts}`, 'interaction_required');
        },
      },
    };
    const { visitor } = withPrompts({ plugs: [wants('mfa'), silent] });
    assert.equal(redirected(await visitor().authorize())['error_description'], 'Due: mfa');
    const nothing = withPrompts({ plugs: [silent] });
    assert.equal(redirected(await nothing.visitor().authorize())['error_description'], 'Due: consent');
  });

  it('a step that takes its time is waited for: no page before it agrees, and no code', async () => {
    const refuse = async (): Promise<never> => {
      await setTimeout(5);
      throw new AuthorizationError('After a while', 'access_denied');
    };
    const page = withPrompts({ plugs: [{ name: 'late', authorization: { interact: refuse } }] });
    assert.equal(redirected(await page.visitor().authorize())['error_description'], 'After a while');
    const decision = withPrompts({ plugs: [{ name: 'late', authorization: { decide: refuse } }] });
    const { authorize, decide } = decision.visitor();
    const { code, error_description } = redirected(await decide((await authorize()).body.transactionID));
    assert.deepEqual([code, error_description], [undefined, 'After a while']);
  });
});

describe('what the user has done binds the dialog', () => {
  for (const word of ['login', 'select_account', 'create']) {
    it(`${word}: the dialog is the new user's, and the first user's no longer`, async () => {
      const { visitor } = withPrompts({ plugs: [wants(word)] });
      const { authorize, resume, decideAs } = visitor('alice');
      const { transactionID } = (await authorize()).body;
      const { body } = await resume(transactionID, [word], 'bob').expect(200);
      assert.deepEqual([body.user.id, body.prompts], ['bob', ['consent']]);
      assertErrorHere(await decideAs('alice', transactionID), 403, 'access_denied');
      assert.ok(redirected(await decideAs('bob', transactionID).expect(303))['code']);
    });
  }

  it('a completed prompt other than a login does not transfer the dialog to another user', async () => {
    const { visitor } = withPrompts({ plugs: [wants('mfa')] });
    const { authorize, resume } = visitor('alice');
    const { transactionID } = (await authorize()).body;
    assertErrorHere(await resume(transactionID, ['mfa'], 'bob'), 403, 'access_denied');
    assertErrorHere(await resume(transactionID, [], 'bob'), 403, 'access_denied');
    await resume(transactionID, ['mfa'], 'alice').expect(200);
  });

  it('done=login without a user who is logged in does not transfer the dialog to another user', async () => {
    const { visitor } = withPrompts({ plugs: [wants('login')] });
    const { agent, authorize, resume, decideAs } = visitor('alice');
    const { transactionID } = (await authorize()).body;
    const nobody = await agent.get('/resume').query({ transaction_id: transactionID, done: 'login' });
    assertErrorHere(nobody, 403, 'access_denied');
    await resume(transactionID, ['login'], 'alice').expect(200);
    assertErrorHere(await decideAs('bob', transactionID), 403, 'access_denied');
  });

  it('session fixation: a login in one browser takes no dialog of another', async () => {
    const { visitor } = withPrompts({ plugs: [wants('login')] });
    const [attacker, victim] = [visitor('mallory'), visitor('alice')];
    const planted = (await attacker.authorize()).body.transactionID;
    await victim.authorize();
    assertErrorHere(await victim.resume(planted, ['login']), 403, 'access_denied');
    assert.deepEqual((await attacker.resume(planted)).body.prompts, ['login'], 'it is as it was');
  });

  it('the code is for the user who has logged in', async () => {
    const subjects: unknown[] = [];
    const watching: TestPlug = {
      name: 'watching',
      token: { check: ({ subject }) => void subjects.push(subject) },
    };
    const { visitor, app } = withPrompts({ plugs: [wants('login'), watching] });
    const { authorize, resume, decideAs } = visitor('alice');
    const { transactionID } = (await authorize()).body;
    await resume(transactionID, ['login'], 'bob');
    const { code } = redirected(await decideAs('bob', transactionID));
    await exchangeCode(app, code).expect(200);
    assert.deepEqual(subjects, ['bob']);
  });
});
