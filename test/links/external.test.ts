import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deadAddresses, linksOfPage, linksOfSource } from './external.js';

describe('npm run links', () => {
  let server: Server;
  let at: string;
  const asked: string[] = [];

  before(async () => {
    server = createServer((req, res) => {
      asked.push(String(req.url));
      res.statusCode = req.url === '/gone' ? 404 : 200;
      res.setHeader('content-type', req.url === '/text' ? 'text/plain' : 'text/html; charset=utf-8');
      res.end('<h1 id="section-3.1">Three</h1><a name=\'old\'></a>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => server.close());

  it('finds links of pages, and not what stands in code, or belongs to nobody', () => {
    const page =
      'See [RFC](https://www.rfc-editor.org/rfc/rfc6749#section-3.1), <https://koajs.com>, [a](docs/a.md), [b](https://as.example/x)\n```sh\ncurl [x](https://in.code)\n```\nand `[y](https://in.span)`';
    assert.deepEqual(linksOfPage(page), ['https://www.rfc-editor.org/rfc/rfc6749#section-3.1', 'https://koajs.com']);
  });

  it('finds links of doc comments, and not those of examples', () => {
    const source =
      "/** What. @example go('https://in.an.org/example') @see https://koajs.com/#context. */\nconst x = 'https://no.comment.org';";
    assert.deepEqual(linksOfSource(source), ['https://koajs.com/#context']);
  });

  it('says which page is not there, and which place in a page, and asks for a page once', async () => {
    const links = ['/page#section-3.1', '/page#old', '/page#section-9', '/page', '/gone', '/text#any'].map(
      (path) => at + path,
    );
    assert.deepEqual(await deadAddresses(links, fetch), [`${at}/gone: 404`, `${at}/page: there is no #section-9`]);
    assert.deepEqual(asked, ['/page', '/gone', '/text']);
  });

  it('says why a server could not be asked', async () => {
    const refused = async () => Promise.reject(new TypeError('fetch failed', { cause: new Error('no such host') }));
    assert.deepEqual(await deadAddresses(['https://nobody.org/'], refused), ['https://nobody.org/: no such host']);
  });
});
