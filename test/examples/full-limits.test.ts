/** What strangers may ask of the full example: so many requests of each address, with a proxy in front of it and without. */
import assert from 'node:assert/strict';
import { LIMITS } from '../../examples/full/rate-limits.js';
import { type RunningFull, startFull } from '../support/full.js';
import { request } from '../support/full-agent.js';

const form = (fields: Readonly<Record<string, string>>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
});

type Sent = readonly [path: string, init?: RequestInit];

interface Row {
  readonly what: string;
  readonly limit: { readonly points: number; readonly seconds: number };
  /** A request that is refused early, which counts towards the limit, too. */
  readonly wrong: Sent;
  /** Those that are in order, as far as a stranger can send them. */
  readonly right: (url: string) => readonly Sent[];
}

const STRANGER = 'https://client.example/client.json';
const TERMINAL = { client_id: 'terminal', scope: 'profile' };
const REGISTRATION = { redirect_uris: ['https://notes.example/cb'], client_name: 'Notes of Noah' };

const ENDPOINTS: readonly Row[] = [
  {
    what: 'authorization requests, by GET, by POST, and of clients whose documents would be fetched',
    limit: LIMITS.authorizations,
    wrong: ['/authorize'],
    right: (url) => [
      [request(url)],
      ['/authorize', form({ client_id: 'demo' })],
      [request(url, { client_id: STRANGER, redirect_uri: 'https://client.example/cb' })],
    ],
  },
  {
    what: 'pushed requests, of clients whose documents would be fetched, too',
    limit: LIMITS.pushed,
    wrong: ['/par', form({})],
    right: () => [['/par', form({ client_id: STRANGER, response_type: 'code' })]],
  },
  {
    what: 'devices',
    limit: LIMITS.devices,
    wrong: ['/device_authorization', form({})],
    right: () => [['/device_authorization', form(TERMINAL)]],
  },
  {
    what: 'registrations',
    limit: LIMITS.registrations,
    wrong: ['/register', { method: 'POST' }],
    right: () => [
      [
        '/register',
        { method: 'POST', body: JSON.stringify(REGISTRATION), headers: { 'content-type': 'application/json' } },
      ],
    ],
  },
];

describe('the full example, for strangers', () => {
  let full: RunningFull;
  afterEach(() => full.stop());
  const start = async (proxies: number): Promise<void> => {
    full = await startFull({ config: { proxies, registration: { kind: 'anyone' } } });
  };

  const send = async ([path, init]: Sent, forwardedFor: string) => {
    const headers = { ...init?.headers, 'x-forwarded-for': forwardedFor };
    const answer = await fetch(new URL(path, full.url), { redirect: 'manual', ...init, headers });
    return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')), text: await answer.text() };
  };

  /** Sends as many as an address may. @param addressOf what is sent as X-Forwarded-For */
  const exhaust = async ({ limit, wrong }: Row, addressOf: (index: number) => string): Promise<void> => {
    const few = 30;
    for (let sent = 0; sent < limit.points; sent += few) {
      const indexes = Array.from({ length: Math.min(few, limit.points - sent) }, (_, index) => sent + index);
      const answers = await Promise.all(indexes.map((index) => send(wrong, addressOf(index))));
      for (const { status } of answers) assert.ok(status === 400 || status === 401 || status === 415, `${status}`);
    }
  };

  for (const row of ENDPOINTS) {
    it(`${row.what}: above the limit of an address 429 says for how long, and others go on`, async () => {
      await start(1);
      await exhaust(row, () => '192.0.2.1');
      for (const right of row.right(full.url)) {
        const { status, retryAfter } = await send(right, '192.0.2.1');
        assert.equal(status, 429, right[0]);
        assert.ok(retryAfter > 0 && retryAfter <= row.limit.seconds, `${retryAfter}`);
      }
      assert.notEqual((await send(row.wrong, '192.0.2.2')).status, 429);
    }).timeout(60_000);
  }

  const [authorizations, , devices] = ENDPOINTS as readonly [Row, Row, Row];
  const connects = ['/device_authorization', form(TERMINAL)] as const;

  it('people get an error page, and programs get the error response of the RFC', async () => {
    await start(1);
    await exhaust(authorizations, () => '192.0.2.1');
    await exhaust(devices, () => '192.0.2.1');
    const page = await send([request(full.url), { headers: { accept: 'text/html' } }], '192.0.2.1');
    assert.match(page.text, /Too many attempts/);
    const { text } = await send(connects, '192.0.2.1');
    assert.deepEqual(JSON.parse(text), { error: 'temporarily_unavailable', error_description: 'Too many requests' });
  }).timeout(60_000);

  it('behind a proxy, an address that the sender adds to X-Forwarded-For is ignored', async () => {
    await start(1);
    await exhaust(devices, (index) => `198.51.100.${index}, 192.0.2.1`);
    assert.equal((await send(connects, '198.51.100.250, 192.0.2.1')).status, 429);
    assert.equal((await send(connects, '192.0.2.1, 192.0.2.9')).status, 200);
  });

  it('without a proxy, X-Forwarded-For is ignored', async () => {
    await start(0);
    await exhaust(devices, (index) => `198.51.100.${index}`);
    assert.equal((await send(connects, '203.0.113.9')).status, 429);
  });

  it('of IPv6 the network counts: its addresses are one', async () => {
    await start(1);
    await exhaust(devices, (index) => `2001:db8:0:1::${index.toString(16)}`);
    assert.equal((await send(connects, '2001:db8:0:1:ffff::1')).status, 429);
    assert.equal((await send(connects, '2001:db8:0:2::1')).status, 200);
  });

  it('of IPv4 each address counts, also in the form of IPv6: all of these are in one network of IPv6', async () => {
    await start(1);
    await exhaust(devices, () => '::ffff:192.0.2.1');
    assert.equal((await send(connects, '192.0.2.1')).status, 429);
    assert.equal((await send(connects, '::ffff:192.0.2.2')).status, 200);
  });

  it('an address of the link has the name of an interface, and counts without it', async () => {
    await start(1);
    await exhaust(devices, (index) => `fe80::${index.toString(16)}%eth${index}`);
    assert.equal((await send(connects, 'fe80::1')).status, 429);
  });
});
