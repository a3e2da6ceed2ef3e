/** Names of strangers' hosts are resolved by DNS, which takes no thread that the rest of the process waits for. */
import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { getServers, setServers } from 'node:dns';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { publicFetch } from 'koauthorize/extending';

const HEADER = 12;

/** RFC 1035 §3.2.2, RFC 3596 §2.1 */
const AAAA = 28;

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  return Buffer.from(address.split(':').flatMap((group) => [...Buffer.from(group.padStart(4, '0'), 'hex')]));
}

/** The answer to a query: addresses of the type that was asked for. None, and no `exists`: there is no such name. @see RFC 1035 §4.1 */
function answerTo(query: Buffer, addresses: readonly string[], exists = addresses.length > 0): Buffer {
  const endOfName = query.indexOf(0, HEADER) + 1;
  const wantsIPv6 = query.readUInt16BE(endOfName) === AAAA;
  const found = addresses.filter((address) => isIPv6(address) === wantsIPv6).map(bytesOf);
  const header = Buffer.from(query.subarray(0, HEADER));
  header.writeUInt16BE(exists ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(found.length, 6);
  header.writeUInt32BE(0, 8); // neither authorities nor additional records
  const records = found.map((bytes) => {
    const start = Buffer.from([0xc0, HEADER, 0, wantsIPv6 ? AAAA : 1, 0, 1, 0, 0, 0, 1, 0, bytes.length]);
    return Buffer.concat([start, bytes]);
  });
  return Buffer.concat([header, query.subarray(HEADER, endOfName + 4), ...records]);
}

describe('publicFetch(): names of hosts', () => {
  const queries: { readonly query: Buffer; readonly from: RemoteInfo }[] = [];
  let addresses: readonly string[] | 'silent' = [];
  let socket: Socket;
  let serversBefore: string[] = [];

  const answer = (query: Buffer, from: RemoteInfo, found: readonly string[]) =>
    socket.send(answerTo(query, found), from.port, from.address);

  before(async () => {
    socket = createSocket('udp4', (query, from) => {
      queries.push({ query, from });
      if (addresses !== 'silent') answer(query, from, addresses);
    }).bind(0, '127.0.0.1');
    await once(socket, 'listening');
    serversBefore = getServers();
    setServers([`127.0.0.1:${socket.address().port}`]);
  });
  after(() => {
    setServers(serversBefore);
    socket.close();
  });

  for (const inner of ['10.0.0.1', 'fd12:3456:0:0:0:0:0:1'])
    it(`by the name servers: one that resolves to ${inner} is refused`, async () => {
      addresses = ['8.8.8.8', inner];
      const shown = inner.replace(/(?::0)+:/, '::');
      await assert.rejects(publicFetch()('https://client.example/', {}), {
        message: `client.example is at ${shown}, which is not an address of the internet`,
      });
    });

  it('one that there is not is an error', async () => {
    addresses = [];
    await assert.rejects(publicFetch()('https://client.example/', {}), { code: 'ENOTFOUND' });
  });

  it('localhost is this machine, and no name server is asked', async () => {
    queries.length = 0;
    for (const host of ['localhost', 'a.localhost', 'localhost.'])
      await assert.rejects(publicFetch()(`https://${host}/`, {}), /is at 127\.0\.0\.1/);
    assert.equal(queries.length, 0);
  });

  it('a silent name server holds no thread, and the fetch ends in time', async () => {
    addresses = 'silent';
    queries.length = 0;
    const asked = once(socket, 'message');
    const ended = assert.rejects(publicFetch()('https://silent.example/', { signal: AbortSignal.timeout(100) }));
    await asked;
    assert.ok(!process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap'));
    await ended;
    addresses = [];
    for (const { query, from } of queries) answer(query, from, []); // setServers() throws while queries are under way
    await assert.rejects(publicFetch()('https://silent.example/', {}), { code: 'ENOTFOUND' });
  });
});
