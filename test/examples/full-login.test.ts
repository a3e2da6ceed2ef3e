/** The way to the login of the full example and back, and what one sees of an application afterwards. */
import assert from 'node:assert/strict';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, call, codeIn, DEMO, exchange, formIn, type Page, request } from '../support/full-agent.js';
import { startQuickstart, USER } from '../support/quickstart.js';

/** Long in the address, and three times as long in an address within an address. */
const STATE = '{"é":1}'.repeat(450);

describe('the login of the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    agent = new Agent(full.url);
  });
  afterEach(() => full.stop());

  it('leads back to a request of 10 kB, of which no address or header gets longer than it was', async () => {
    const path = request(full.url, { state: STATE });
    assert.ok(path.length > 9000 && path.length < 14_000, `${path.length}`);
    const login = await agent.open(path);
    assert.equal(login.status, 200);
    assert.match(login.text, /to continue to .*Postcards/);
    const wrong = await agent.submit(formIn(login, '/login'), { ...ALICE, password: 'wrong' });
    assert.equal(wrong.status, 403);
    const done = await agent.submit(formIn(wrong, '/login'), ALICE);
    assert.equal(done.status, 303);
    assert.match(done.location, /^\/authorize\/resume\?transaction_id=[\w-]{22,}$/); // where it waits
    const { status, text } = await agent.open(done.location);
    for (const [, href = ''] of text.matchAll(/href="([^"]*)"/g)) assert.ok(href.length < 8100, `${href.length}`);
    // whether so long a state is taken is the toolkit's to say; it was asked, and not Node, which says 431
    assert.ok([200, 302, 303, 400].includes(status), `${status}`);
  });

  it('is shown in place of a page that wants it, after whose form the page is there', async () => {
    const login = await agent.open('/clients/new');
    const done = await agent.submit(formIn(login, '/login'), ALICE);
    assert.equal(done.location, '/clients/new');
    assert.ok(formIn(await agent.open(done.location), '/clients/new'));
  });

  it('of the quickstart leads back to a request of 10 kB, too', async () => {
    const running = await startQuickstart();
    try {
      const browser = new Agent(running.url);
      const path = request(running.url, { state: STATE });
      const login = await browser.open(path);
      const done = await browser.submit(formIn(login, '/login'), USER);
      assert.deepEqual([login.status, done.status, done.location], [200, 303, path]);
    } finally {
      await running.stop();
    }
  });
});

describe('the page of connected applications', () => {
  let full: RunningFull;
  let agent: Agent;
  before(async () => {
    full = await startFull();
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  after(() => full.stop());
  const connected = async (): Promise<string> => (await agent.open('/connected')).text;

  it('says of an application that gave its tokens back that it does not act, and what is remembered', async () => {
    const code = codeIn(await agent.submit(formIn(await agent.open(request(full.url)), '/authorize/decision')));
    const { refresh_token } = await exchange(full.url, code);
    assert.match(await connected(), /may act for you/);
    assert.match(await connected(), /Connected since/);
    await call(full.url, '/revoke', DEMO, { token: refresh_token });
    assert.doesNotMatch(await connected(), /may act for you|Connected since/);
    assert.match(await connected(), /It has no access now/);
    assert.match(await connected(), /Without asking you again it can get access/);
  });
});

describe('the demo application of the full example', () => {
  it('shows the result when the browser goes back, and brings an answer to what was answered already', async () => {
    const full = await startFull();
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    const form = formIn(await agent.open('/demo'), '/demo/start');
    const asked = await agent.submit(form);
    const dialog = await agent.open(asked.location);
    const follow = async (page: Page): Promise<Page> =>
      page.location ? follow(await agent.open(page.location)) : page;
    const first = await follow(await agent.submit(formIn(dialog, '/authorize/decision')));
    assert.match(first.text, /Postcards is connected/);
    const back = await follow(await agent.open(asked.location)); // remembered: another code for the same request
    assert.equal(back.status, 200);
    assert.match(back.text, /Postcards is connected/);
    assert.doesNotMatch(back.text, /did not ask/);
    const guessed = await agent.open('/demo/callback?code=x&state=guessed');
    assert.equal(guessed.status, 400);
    await full.stop();
  });
});
