import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerIn } from '../../../lib/testing/attack/http.js';
import { leadsTo, openVisitor } from '../../../lib/testing/attack/visitor.js';

const redirect =
  (location: string, status = 302) =>
  (_: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, { location, 'set-cookie': 'seen=1; Path=/' }).end('moved');

async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { cookie = '', origin = '' } = request.headers;
  response.end(JSON.stringify({ method: request.method, cookie, origin, body: Buffer.concat(chunks).toString() }));
}

const ROUTES: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
  '/page': echo,
  '/to-page': redirect('/page'),
  '/keeps': redirect('/page', 307),
  '/round': redirect('/round'),
  '/away': redirect('https://client.example/cb?code=c#x=y'),
  '/app': redirect('com.example.app:/cb?code=c'),
  '/broken': redirect('http://[broken'),
  '/to-client': redirect('/client/cb'),
  '/with-code': redirect('/page?code=c'),
  '/with-token': redirect('/page#access_token=t'),
};

describe('a visitor', () => {
  let server: Server;
  let url = '';
  before(async () => {
    server = createServer((request, response) => void (ROUTES[request.url ?? ''] ?? echo)(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after((done) => {
    server.close(done);
    server.closeAllConnections();
  });

  const visitor = () => openVisitor([`${url}/client/cb`]);

  it('follows redirects on the same origin, with cookies', async () => {
    const page = await visitor().get(`${url}/to-page`);
    assert.equal(page.url, `${url}/page`);
    assert.equal(page.location, undefined);
    assert.equal(JSON.parse(page.text).cookie, 'seen=1');
  });

  it('says where a form is from, unless it is told otherwise, and gets what comes after it', async () => {
    const { origin, method, body } = JSON.parse((await visitor().post(`${url}/page`, { a: 'b c' })).text);
    assert.deepEqual({ origin, method, body }, { origin: url, method: 'POST', body: 'a=b+c' });
    const forged = await visitor().post(`${url}/page`, {}, { origin: 'https://attacker.example' });
    assert.equal(JSON.parse(forged.text).origin, 'https://attacker.example');
    assert.equal(JSON.parse((await visitor().post(`${url}/to-page`, { a: 'b' })).text).method, 'GET');
    assert.equal(JSON.parse((await visitor().post(`${url}/keeps`, { a: 'b' })).text).body, 'a=b');
  });

  for (const [path, location] of [
    ['/away', 'https://client.example/cb?code=c#x=y'],
    ['/app', 'com.example.app:/cb?code=c'],
    ['/broken', 'http://[broken'],
    ['/to-client', '/client/cb'],
    ['/with-code', '/page?code=c'],
    ['/with-token', '/page#access_token=t'],
  ] as const) {
    it(`stops at ${location}`, async () => {
      const page = await visitor().get(url + path);
      assert.equal(page.url, url + path);
      assert.equal(page.location, location.startsWith('/') ? url + location : location);
    });
  }

  it('does not go round for ever', async () => {
    assert.equal((await visitor().get(`${url}/round`)).status, 302);
  });

  it('fills in no form that is not there', async () => {
    const browser = visitor();
    const page = await browser.get(`${url}/page`);
    await assert.rejects(browser.submit(page, { user: 'alice' }), /has no form with user/);
  });

  it('reads an answer from query and fragment', async () => {
    const answer = answerIn(await visitor().get(`${url}/away`));
    assert.equal(answer.toString(), 'code=c&x=y');
  });

  it('knows a place by all but its query and fragment', () => {
    assert.ok(leadsTo('https://a.example/cb?code=c#x', 'https://A.example/cb'));
    for (const other of [
      'http://a.example/cb',
      'https://a.example:1/cb',
      'https://a.example/cb/',
      'https://b.example/cb',
    ])
      assert.ok(!leadsTo(other, 'https://a.example/cb'), other);
  });
});
