/** The demo application of the full example, as far as HTTP goes: its switches, what it says of a consent that is remembered, and where its pages lead. */
import assert from 'node:assert/strict';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, formIn, type Page } from '../support/full-agent.js';

/** What is on a page, in words. */
const read = ({ text }: Page): string =>
  text
    .slice(text.indexOf('<main'))
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));

describe('the demo application of the full example', () => {
  let full: RunningFull;
  let agent: Agent;
  beforeEach(async () => {
    full = await startFull();
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  afterEach(() => full.stop());

  const follow = async (page: Page): Promise<Page> => (page.location ? follow(await agent.open(page.location)) : page);
  /** From the form of Postcards to what the server shows: its dialog, or Postcards again. */
  const start = async (fields: Readonly<Record<string, string | readonly string[]>> = {}): Promise<Page> => {
    const page = await agent.open('/demo');
    const reset = page.text.includes('/demo/reset')
      ? await follow(await agent.submit(formIn(page, '/demo/reset')))
      : page;
    return follow(await agent.submit(formIn(reset, '/demo/start'), { scope: ['profile'], ...fields }));
  };
  const allow = async (dialog: Page): Promise<Page> =>
    follow(await agent.submit(formIn(dialog, '/authorize/decision')));
  const press = async (action: string, fields = {}): Promise<Page> =>
    follow(await agent.submit(formIn(await agent.open('/demo'), `/demo/${action}`), fields));
  const said = async (): Promise<string> => read(await agent.open('/demo?open=all'));

  it('says of a consent that is remembered that nothing was asked, and asks again on request', async () => {
    const scope = ['openid', 'profile'];
    const first = await allow(await start({ scope }));
    assert.match(read(first), /Postcards is connected/);
    assert.doesNotMatch(read(first), /Not asked/);
    const again = await start({ scope });
    assert.match(read(again), /Postcards is connected/);
    assert.match(read(again), /Not asked: you allowed this before/);
    const dialog = await follow(await agent.submit(formIn(again, '/demo/start', { prompt: 'consent' })));
    assert.match(read(dialog), /Connect Postcards\?/);
    assert.doesNotMatch(read(await allow(dialog)), /Not asked/);
  });

  it('is the only client that learns that a consent was remembered', async () => {
    const redirect_uris = ['https://garden.example/cb'];
    const app = { client_id: 'garden', client_name: 'Garden', redirect_uris, token_endpoint_auth_method: 'none' };
    await full.storage.collections.put('clients', 'garden', app);
    const query = new URLSearchParams({
      ...{ response_type: 'code', client_id: 'garden', scope: 'profile', redirect_uri: redirect_uris[0] ?? '' },
      ...{ code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
    });
    await agent.allow(await agent.open(`/authorize?${query}`));
    const { searchParams } = new URL((await agent.open(`/authorize?${query}`)).location);
    assert.deepEqual([...searchParams.keys()].sort(), ['code', 'iss']);
  });

  it('PAR: the address has a reference only, and the rest goes to the server itself', async () => {
    const page = await agent.open('/demo');
    const sent = await agent.submit(formIn(page, '/demo/start'), { push: 'yes' });
    assert.deepEqual([...new URL(sent.location).searchParams.keys()], ['client_id', 'request_uri']);
    assert.match(read(await allow(await follow(sent))), /Postcards is connected/);
    const text = await said();
    assert.match(text, /POST \S+\/par[\s\S]*code_challenge_method=S256[\s\S]*201 Created[\s\S]*"request_uri": "urn:/);
    assert.match(text, /RFC 9126 §2\.2/);
  });

  it('DPoP: the tokens are bound, whoever stole one gets nothing, and Postcards goes on', async () => {
    await allow(await start({ dpop: 'yes' }));
    const text = await said();
    assert.match(text, /dpop_jkt=\S{43}/);
    assert.match(text, /"token_type": "DPoP"/);
    assert.match(text, /"jkt"/);
    assert.match(text, /Authorization: DPoP [\s\S]*DPoP: eyJ[\s\S]*"ath": /);
    const stolen = read(await press('steal'));
    assert.match(stolen, /The attack failed\. The token is bound to the key of Postcards/);
    assert.match(stolen, /401 Unauthorized/);
    assert.match(read(await press('refresh')), /Postcards is connected/);
    assert.match(read(await press('api', { operation: 'profile' })), /200 OK[\s\S]*"name": "Alice Liddell"/);
    assert.match(read(await press('revoke')), /"active": false/);
  });

  it('DPoP and PAR together: the code is bound by the proof of the pushed request', async () => {
    await allow(await start({ dpop: 'yes', push: 'yes' }));
    assert.match(
      await said(),
      /POST \S+\/par[\s\S]*DPoP: eyJ[\s\S]*"token_type": "DPoP"[\s\S]*"name": "Alice Liddell"/,
    );
  });

  it('shows JSON that is JSON, with the times in words beside it', async () => {
    await allow(await start());
    const [, payload = ''] = /Payload(\{[\s\S]*?\n\})/.exec(await said()) ?? [];
    const claims = JSON.parse(payload.replace(/ {2}\/\/.*$/gm, '')) as Record<string, unknown>;
    assert.equal(claims['client_id'], 'demo');
    assert.match(payload, /"exp": \d+, {2}\/\/ in \d+ minutes: /);
  });

  it('every attack says what it proves, and what has come of it stands at the top', async () => {
    await allow(await start());
    await press('refresh');
    const { text } = await agent.open('/demo');
    const [, attacks = ''] = /class="attacks"([\s\S]*?)<\/section>/.exec(text) ?? [];
    const helps = [...attacks.matchAll(/class="help"[^>]*>([^<]*)/g)].map(([, help = '']) => help);
    assert.equal(helps.length, 3);
    for (const help of helps) assert.match(help, /proves that/i);
    const banner = read(await press('replay')).slice(0, 600);
    assert.match(banner, /The attack failed\. A code can be used once/);
  });

  it('leads home, to the other application, and to docs and source, which are read as they are', async () => {
    for (const path of ['/demo', '/demo/second', '/demo/read']) {
      const { text } = await agent.open(path);
      for (const to of ['/', '/demo', '/demo/second', '/demo/read'])
        assert.ok(text.includes(`<a href="${to}"`), `${path} to ${to}`);
    }
    const list = await agent.open('/demo/read');
    const paths = [...list.text.matchAll(/href="(\/demo\/read\/[^"]*)"/g)].map(([, path = '']) => path);
    for (const path of ['docs/threats.md', 'examples/full/demo/flow.ts', 'examples/full/views/style.css'])
      assert.ok(paths.includes(`/demo/read/${path}`), path);
    const source = await agent.open('/demo/read/examples/full/demo/flow.ts');
    assert.match(source.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(source.text, /^\/\*\* The flow: /);
  });

  for (const path of [
    'package.json',
    'examples/full/seed.json',
    'examples/full/data/data.mdb',
    'docs/..%2fpackage.json',
    'docs/../package.json',
    'docs%2fthreats.md',
    'constructor',
  ]) {
    it(`no other file is read: ${path}`, async () => {
      assert.equal((await agent.open(`/demo/read/${path}`)).status, 404);
    });
  }
});
