/** A fetch for URLs that somebody else chose: it reaches the internet, and nothing inside. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTCPServer, type LookupFunction } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { publicFetch } from 'koauthorize/extending';
import { fetchText } from '../../lib/http/fetch-text.js';
import { isPublicAddress } from '../../lib/http/public-address.js';

/** A resolver for which every name has these addresses. */
const resolving =
  (...addresses: readonly string[]): LookupFunction =>
  (_host, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const INNER = [
  ...['127.0.0.1', '127.1.2.3', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
  ...['192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ...[
    '168.63.129.16',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:10.0.0.1',
  ],
  ...['::ffff:8.8.8.8', '64:ff9b::a00:1', '64:ff9b:1::1', '100::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fec0::1'],
  ...['ff02::1', '2001::1', '2001:db8::1', '2002:a00:1::1', '2002:7f00:1::', '3fff::1'],
];

const PUBLIC = [
  ...['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.255.255'],
  ...['172.32.0.0', '192.167.0.1', '198.17.0.1', '198.20.0.1', '223.255.255.255', '2606:4700::1', '2a00:1450::1'],
];

describe('publicFetch()', () => {
  for (const address of INNER)
    it(`sends nothing to ${address}, neither by its name nor by itself`, async () => {
      assert.equal(isPublicAddress(address), false);
      const byName = publicFetch({ lookup: resolving(address) });
      await assert.rejects(byName('https://client.example/x', {}), /^Error: client\.example is at .*not an address of/);
      const itself = address.includes(':') ? `[${address}]` : address;
      await assert.rejects(publicFetch()(`https://${itself}/x`, {}), /not an address of the internet/);
    });

  it('takes the addresses of the internet for what they are', () => {
    assert.deepEqual(
      PUBLIC.filter((address) => !isPublicAddress(address)),
      [],
    );
    assert.equal(isPublicAddress('client.example'), false);
  });

  for (const url of ['https://0x7f000001/', 'https://2130706433/', 'https://127.1/', 'https://0177.0.0.1/'])
    it(`knows an address in other spellings: ${url}`, async () => {
      await assert.rejects(publicFetch()(url, {}), /127\.0\.0\.1, which is not an address of the internet/);
    });

  it('all addresses of a host name must be public', async () => {
    const fetch = publicFetch({ lookup: resolving('8.8.8.8', '10.0.0.1') });
    await assert.rejects(fetch('https://client.example/', {}), /is at 10\.0\.0\.1/);
    await assert.rejects(publicFetch({ lookup: resolving() })('https://client.example/', {}), /is at no address/);
  });

  it('a name that the system resolves to this machine is refused before a connection', async () => {
    let connections = 0;
    const server = createTCPServer(() => {
      connections += 1;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await assert.rejects(publicFetch()(`https://localhost:${port}/`, {}), /localhost is at .*not an address of/);
    await assert.rejects(publicFetch()(`https://127.0.0.1:${port}/`, {}), /not an address of the internet/);
    assert.equal(connections, 0);
    server.close();
  });

  it('throws for an option that there is not', () => {
    assert.throws(() => publicFetch({ allowLoopBack: true } as never), TypeError);
  });

  describe('with allowLoopback', () => {
    let server: Server;
    let url = '';
    const heard: { readonly method: unknown; readonly headers: object; readonly body: string }[] = [];
    before(async () => {
      server = createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        heard.push({ method: request.method, headers: request.headers, body });
        if (request.url === '/redirect') response.writeHead(302, { location: '/' });
        if (request.url === '/nothing') response.writeHead(204);
        if (request.url === '/never') return;
        if (request.url === '/endless') {
          const more = (error?: Error | null): void => {
            if (!error && !response.destroyed) response.write('x'.repeat(10_000), more); // Node 26 calls back at once where the socket is gone
          };
          more();
          return;
        }
        response.end(request.url === '/nothing' ? '' : 'here');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      server.close();
      server.closeAllConnections();
    });

    const fetch = publicFetch({ allowLoopback: true });

    it('answers as fetch does', async () => {
      const answer = await fetch(`${url}/x`, {
        method: 'POST',
        headers: { a: 'b' },
        body: new URLSearchParams({ c: 'd' }),
      });
      assert.deepEqual([answer.status, await answer.text()], [200, 'here']);
      const { method, headers, body } = heard.at(-1) ?? assert.fail();
      assert.deepEqual([method, Reflect.get(headers, 'a'), body], ['POST', 'b', 'c=d']);
      assert.equal((await fetch(`${url}/nothing`, {})).status, 204);
    });

    it('follows no redirect', async () => {
      const { status, headers } = await fetch(`${url}/redirect`, {});
      assert.deepEqual([status, headers.get('location')], [302, '/']);
    });

    it('is bounded in time and size by those who read from it', async () => {
      await assert.rejects(fetchText(`${url}/never`, {}, { fetch, timeout: 0.05 }), /within 0\.05 s/);
      await assert.rejects(fetchText(`${url}/endless`, {}, { fetch, timeout: 5 }), /larger than/);
      const { status, text } = await fetchText(`${url}/x`, {}, { fetch, timeout: 5 });
      assert.deepEqual([status, text], [200, 'here']);
    });

    it('closes the connection to a host that is silent for too long, also when garbage was collected meanwhile', async () => {
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc') as () => void;
      const silent = createTCPServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const connected = once(silent, 'connection');
      const refused = assert.rejects(fetchText(`http://127.0.0.1:${port}/`, {}, { fetch, timeout: 1 }), /within 1 s/);
      const [socket] = await connected;
      const closed = once(socket, 'close');
      collectGarbage();
      await refused;
      await closed;
      silent.close();
    });

    it('an invalid status code is an error of the fetch, and does not end the process', async () => {
      for (const status of ['999', '600', '099', '000', '101']) {
        const odd = createTCPServer((socket) => {
          socket.on('error', () => {}).on('data', () => socket.write(`HTTP/1.1 ${status} X\r\n\r\nabc`));
        }).listen(0, '127.0.0.1');
        await once(odd, 'listening');
        const { port } = odd.address() as AddressInfo;
        await assert.rejects(fetchText(`http://127.0.0.1:${port}/`, {}, { fetch, timeout: 5 }), /status|hang up/);
        odd.close();
      }
    });

    it('reaches this machine, and no other inner address', async () => {
      const other = publicFetch({ allowLoopback: true, lookup: resolving('192.168.0.1') });
      await assert.rejects(other('http://client.example/', {}), /is at 192\.168\.0\.1/);
    });

    it('a lookup that gives another address the second time is asked once', async () => {
      let asked = 0;
      const rebinding: LookupFunction = (host, options, callback) => {
        asked += 1;
        resolving(asked === 1 ? '127.0.0.1' : '10.0.0.1')(host, options, callback);
      };
      const { port } = new URL(url);
      const { status } = await publicFetch({ allowLoopback: true, lookup: rebinding })(
        `http://client.example:${port}/`,
        {},
      );
      assert.deepEqual([status, asked], [200, 1]);
    });
  });
});
