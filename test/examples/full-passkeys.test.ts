/** Passkeys of the full example, as far as HTTP goes: with an authenticator in software, which can be dishonest. The pages in a browser are in test/browser. */
import assert from 'node:assert/strict';
import { LIMITS } from '../../examples/full/rate-limits.js';
import { Authenticator } from '../support/authenticator.js';
import { ALICE, BOB, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, formsIn, type Page, request } from '../support/full-agent.js';

const PAGE = '/account/passkeys';
const QUESTION = '/authorize/passkey';
const FAILED = `${PAGE}?failed=yes`;

/** What the page asks the browser. */
function askedIn({ text }: Page): { readonly challenge: string } {
  const [, options = ''] = / data-options="([^"]*)"/.exec(text) ?? [];
  return JSON.parse(options.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))));
}

describe('passkeys of the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  let passkey: Authenticator;
  beforeEach(async () => {
    full = await startFull({ config: { proxies: 1 } });
    passkey = new Authenticator(full.url);
    agent = await loggedIn();
  });
  afterEach(() => full.stop());

  async function loggedIn(user: typeof ALICE | typeof BOB = ALICE, address = '192.0.2.1'): Promise<Agent> {
    const made = new Agent(full.url, { 'x-forwarded-for': address });
    await made.login(user);
    return made;
  }
  /** A request that wants a passkey. */
  const ask = (by = agent): Promise<Page> =>
    by.open(request(full.url, { scope: 'openid', acr_values: 'urn:example:passkey' }));
  const isWanted = ({ text }: Page): boolean => text.includes('Use your passkey');
  async function add(by = agent, one = passkey): Promise<Page> {
    const page = await by.open(PAGE);
    return by.submit(formIn(page, PAGE), { answer: one.make(askedIn(page)) });
  }

  it('are added, and shown to a request, which goes on', async () => {
    assert.equal((await add()).location, PAGE);
    const page = await ask();
    assert.ok(isWanted(page));
    const shown = await agent.send(formIn(page, QUESTION), { answer: passkey.show(askedIn(page)) });
    assert.ok(!isWanted(shown), shown.text);
  });

  it('a response is accepted once, in the session and for the purpose of its challenge', async () => {
    await add();
    const other = await loggedIn();
    const [page, elsewhere] = [await ask(), await ask(other)];
    const answer = passkey.show(askedIn(page));
    assert.ok(isWanted(await other.send(formIn(elsewhere, QUESTION), { answer })));
    const second = await ask();
    assert.ok(isWanted(await agent.send(formIn(second, QUESTION), { answer })));
    const again = passkey.show(askedIn(page));
    assert.ok(isWanted(await agent.send(formIn(page, QUESTION), { answer: 'null' })));
    assert.ok(isWanted(await agent.send(formIn(page, QUESTION), { answer: again })), 'the challenge was spent');
  });

  it('a response for another origin is refused, for a new passkey and for a known one', async () => {
    const page = await agent.open(PAGE);
    const stolen = passkey.make(askedIn(page), { origin: 'http://phishing.example' });
    assert.equal((await agent.submit(formIn(page, PAGE), { answer: stolen })).location, FAILED);
    await add();
    const asked = await ask();
    const answer = passkey.show(askedIn(asked), { origin: 'http://phishing.example' });
    assert.ok(isWanted(await agent.send(formIn(asked, QUESTION), { answer })));
  });

  it('a copied passkey, whose signature counter has not increased, is refused', async () => {
    await add();
    const first = await ask();
    await agent.submit(formIn(first, QUESTION), { answer: passkey.show(askedIn(first), { counter: 7 }) });
    const other = await loggedIn();
    const page = await ask(other);
    const answer = passkey.show(askedIn(page), { counter: 7 });
    assert.ok(isWanted(await other.send(formIn(page, QUESTION), { answer })));
  });

  it('of another user are none', async () => {
    await add();
    const bob = await loggedIn(BOB);
    await add(bob, new Authenticator(full.url));
    const page = await ask(bob);
    assert.ok(isWanted(await bob.send(formIn(page, QUESTION), { answer: passkey.show(askedIn(page)) })));
  });

  it('are ten at most, and no form of another site adds or removes one', async () => {
    await add();
    const page = await agent.open(PAGE);
    await agent.submit(formIn(page, `${PAGE}/show`), { answer: passkey.show(askedIn(page)) });
    for (let count = 1; count < 10; count += 1)
      assert.equal((await add(agent, new Authenticator(full.url))).location, PAGE, `${count}`);
    assert.equal((await add(agent, new Authenticator(full.url))).location, FAILED);
    const full10 = await agent.open(PAGE);
    const answer = new Authenticator(full.url).make(askedIn(full10));
    assert.equal((await agent.submit(formIn(full10, PAGE), { answer, csrf: 'theirs' })).status, 403);
    const removal = formIn(full10, `${PAGE}/remove`);
    assert.equal((await agent.submit(removal, { csrf: 'theirs' })).status, 403);
    assert.equal((await agent.submit(removal)).status, 303);
  });

  it('wrong responses are counted on every page: above the limit for a user and address, a right one is refused, too', async () => {
    await add();
    const page = await agent.open(PAGE);
    const form = formIn(page, `${PAGE}/show`);
    const asked = await ask();
    for (let count = 0; count < LIMITS.passkeys.points; count += 1) {
      const where = count % 2 === 0 ? form : formIn(asked, QUESTION);
      assert.match((await agent.submit(where, { answer: 'null' })).location, /failed=yes$/);
    }
    const again = await ask();
    const refused = await agent.submit(formIn(again, QUESTION), { answer: passkey.show(askedIn(again)) });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    const elsewhere = await loggedIn(ALICE, '192.0.2.2'); // nobody locks the user out from elsewhere
    const there = await ask(elsewhere);
    const shown = await elsewhere.send(formIn(there, QUESTION), { answer: passkey.show(askedIn(there)) });
    assert.equal(shown.status, 200);
    assert.ok(!isWanted(shown));
  });

  it('right answers are not counted', async () => {
    await add();
    const page = await agent.open(PAGE);
    await agent.submit(formIn(page, `${PAGE}/show`), { answer: passkey.show(askedIn(page)) });
    for (let count = 0; count <= LIMITS.passkeys.points; count += 1) {
      assert.equal((await add(agent, new Authenticator(full.url))).location, PAGE);
      const [, last] = formsIn(await agent.open(PAGE)).filter(({ action }) => action === `${PAGE}/remove`);
      assert.ok(last);
      await agent.submit(last);
    }
  });

  it('a removed passkey no longer counts in a session where it was used: neither for an authorization request nor to add another passkey', async () => {
    await add();
    const finder = await loggedIn(); // has found the passkey, and knows the password
    const page = await ask(finder);
    await finder.submit(formIn(page, QUESTION), { answer: passkey.show(askedIn(page)) });
    assert.ok(!isWanted(await ask(finder)));
    const mine = await agent.open(PAGE);
    await agent.submit(formIn(mine, `${PAGE}/show`), { answer: passkey.show(askedIn(mine)) });
    const another = new Authenticator(full.url);
    assert.equal((await add(agent, another)).location, PAGE);
    const offered = await finder.open(PAGE);
    await agent.submit(formIn(await agent.open(PAGE), `${PAGE}/remove`));
    const answer = new Authenticator(full.url).make(askedIn(offered));
    assert.equal((await finder.submit(formIn(offered, PAGE), { answer })).status, 403);
    assert.ok(isWanted(await ask(finder)));
  });
});
