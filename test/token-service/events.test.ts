/** Every decision worth an audit line, and no secret in any. */
import assert from 'node:assert/strict';
import { CLIENT, OTHER } from '../support/authorization-server.js';
import { API, type TokenServer, tokenServer, WORKER } from '../support/token-server.js';

/** What happened, in one word each with what tells it apart. */
const story = ({ events }: TokenServer): readonly string[] =>
  events.map(({ name, event: { again, kinds, kind, active, clientID, subject = '-' } }) =>
    [name, again ? 'again' : undefined, kinds ?? kind ?? active, clientID, subject]
      .filter((part) => part !== undefined)
      .join(' '),
  );

type Flow = (server: TokenServer, handedOut: string[]) => Promise<unknown>;

/** Connects, and remembers what was handed out. */
async function connect(server: TokenServer, handedOut: string[]) {
  const code = await server.authorize();
  const { access_token, refresh_token } = (await server.redeem(code).expect(200)).body;
  handedOut.push(code, access_token, refresh_token);
  return { code, access_token, refresh_token };
}

/** All that an event may say. */
const MEMBERS = [
  'at',
  'clientID',
  'subject',
  'authorizationID',
  'kind',
  'kinds',
  'scope',
  'reason',
  'active',
  'again',
  'traceID',
];

const CONNECTED = ['issued code client alice', 'issued access_token,refresh_token client alice'];

const FLOWS: readonly [what: string, flow: Flow, events: readonly string[]][] = [
  ['a code and its tokens', connect, CONNECTED],
  [
    'a replayed code',
    async (server, handedOut) => server.redeem((await connect(server, handedOut)).code),
    [...CONNECTED, 'replayDetected code client alice', 'familyRevoked client alice'],
  ],
  [
    "another client with somebody's spent code",
    async (server, handedOut) => server.redeem((await connect(server, handedOut)).code, {}, OTHER),
    [...CONNECTED, 'denied code other -'],
  ],
  [
    "another client with somebody's code",
    async (server, handedOut) => {
      handedOut.push(await server.authorize());
      await server.redeem(handedOut[0] ?? '', {}, OTHER);
    },
    ['issued code client alice', 'denied code other -'],
  ],
  ['an unknown code', (server) => server.redeem('unknown'), ['denied code client -']],
  [
    'an expired code',
    async (server, handedOut) => {
      handedOut.push(await server.authorize());
      server.clock.now += 60;
      await server.redeem(handedOut[0] ?? '');
    },
    ['issued code client alice', 'denied code client alice'],
  ],
  [
    'an expired code, twice: no replay of what was never redeemed',
    async (server, handedOut) => {
      handedOut.push(await server.authorize());
      server.clock.now += 60;
      for (let use = 0; use < 2; use++) await server.redeem(handedOut[0] ?? '').expect(400);
    },
    ['issued code client alice', 'denied code client alice', 'denied code client alice'],
  ],
  [
    'a code replayed long after its time, while what came from it lives',
    async (server, handedOut) => {
      const { code, access_token } = await connect(server, handedOut);
      server.clock.now += 3000;
      await server.redeem(code).expect(400);
      const answer = await server.tokens.verify(access_token);
      assert.equal(answer, undefined);
    },
    [...CONNECTED, 'replayDetected code client alice', 'familyRevoked client alice'],
  ],
  [
    'a refreshed token, and the same again within the grace window',
    async (server, handedOut) => {
      const { refresh_token } = await connect(server, handedOut);
      for (let use = 0; use < 2; use++) {
        const { body } = await server.refresh(refresh_token).expect(200);
        handedOut.push(body.access_token, body.refresh_token);
      }
    },
    [
      ...CONNECTED,
      'refreshed access_token,refresh_token client alice',
      'refreshed again access_token,refresh_token client alice',
    ],
  ],
  [
    'a refresh token re-used',
    async (server, handedOut) => {
      const { refresh_token } = await connect(server, handedOut);
      await server.refresh(refresh_token).expect(200);
      server.clock.now += 60;
      await server.refresh(refresh_token).expect(400);
      await server.refresh(refresh_token).expect(400);
    },
    [
      ...CONNECTED,
      'refreshed access_token,refresh_token client alice',
      'replayDetected refresh_token client alice',
      'familyRevoked client alice',
      'denied refresh_token client -',
    ],
  ],
  [
    "another client with somebody's refresh token",
    async (server, handedOut) => server.refresh((await connect(server, handedOut)).refresh_token, {}, OTHER),
    [...CONNECTED, 'denied refresh_token other -'],
  ],
  [
    'client credentials',
    async (server, handedOut) => {
      const { body } = await server.request({ grant_type: 'client_credentials' }, WORKER).expect(200);
      handedOut.push(body.access_token);
    },
    ['issued access_token worker -'],
  ],
  [
    'introspection, of what counts and what does not',
    async (server, handedOut) => {
      const { access_token } = await connect(server, handedOut);
      await server.introspect(access_token, API);
      await server.introspect('unknown', API);
    },
    [...CONNECTED, 'introspected true client alice', 'introspected false  -'],
  ],
  [
    'an access token revoked, and again',
    async (server, handedOut) => {
      const { access_token } = await connect(server, handedOut);
      for (let time = 0; time < 2; time++) await server.revoke(access_token).expect(200);
    },
    [...CONNECTED, 'revoked access_token client alice'],
  ],
  [
    'a refresh token revoked',
    async (server, handedOut) => server.revoke((await connect(server, handedOut)).refresh_token).expect(200),
    [...CONNECTED, 'familyRevoked client alice', 'revoked refresh_token client alice'],
  ],
  [
    "another client's token revoked: nothing happens",
    async (server, handedOut) => server.revoke((await connect(server, handedOut)).refresh_token, OTHER).expect(200),
    CONNECTED,
  ],
  [
    'a user takes it back',
    async (server, handedOut) => {
      await connect(server, handedOut);
      const user = { id: 'alice', name: '' };
      const [app] = await server.tokens.listAuthorizations(user);
      await server.tokens.revokeAuthorization(user, app?.authorizationID ?? '');
    },
    [...CONNECTED, 'familyRevoked client alice'],
  ],
];

describe('token service: events', () => {
  for (const [what, flow, expected] of FLOWS) {
    it(what, async () => {
      const server = tokenServer();
      const handedOut: string[] = [];
      await flow(server, handedOut);
      assert.deepEqual(story(server), expected);
      for (const { event } of server.events)
        for (const name of Object.keys(event)) assert.ok(MEMBERS.includes(name), `${name} is nobody's to know`);
      const text = JSON.stringify(server.events);
      for (const secret of handedOut) {
        assert.ok(!text.includes(secret.slice(4)), secret);
      }
    });
  }

  it('says when, whose, of which authorization and what scope', async () => {
    const server = tokenServer();
    await connect(server, []);
    const [code, tokens] = server.events.map(({ event }) => event);
    const { authorizationID, ...rest } = tokens ?? {};
    assert.match(String(authorizationID), /^[\w-]{3}\.[\w-]{21}$/);
    assert.deepEqual(rest, {
      at: server.clock.now,
      clientID: 'client',
      subject: 'alice',
      kinds: ['access_token', 'refresh_token'],
      scope: ['read', 'write'],
    });
    assert.equal(code?.['authorizationID'], authorizationID);
  });

  it('of a narrowed refresh tells the narrower scope', async () => {
    const server = tokenServer();
    const { refresh_token } = await connect(server, []);
    await server.refresh(refresh_token, { scope: 'read' }).expect(200);
    assert.deepEqual(server.events.at(-1)?.event['scope'], ['read']);
  });

  it('come after the store was told, not before', async () => {
    const server = tokenServer();
    const seen: boolean[] = [];
    server.tokens.events.on('issued', ({ kinds, subject = '' }) => {
      if (kinds.includes('access_token'))
        void server.store
          .list(subject, server.clock.now)
          .then((records) => seen.push(records[0]?.kind === 'refresh_token'));
    });
    await connect(server, []);
    assert.deepEqual(seen, [true]);
  });

  describe('a listener that fails stops no token and no other listener, and the operator hears of it', () => {
    const failures: readonly [what: string, fail: () => unknown, message: string][] = [
      ['throwing', () => assert.fail('by throwing'), 'by throwing'],
      ['rejecting', async () => assert.fail('by rejecting'), 'by rejecting'],
      [
        'throwing something else',
        () => {
          throw 'a word';
        },
        'a word',
      ],
      ['rejecting with something else', () => Promise.reject('another word'), 'another word'],
    ];
    for (const [what, fail, message] of failures) {
      it(what, async () => {
        const warnings: string[] = [];
        const hear = (warning: Error) => warnings.push(warning.message);
        process.on('warning', hear);
        try {
          const server = tokenServer();
          const heard: string[] = [];
          server.tokens.events.prependListener('issued', fail);
          server.tokens.events.on('issued', ({ clientID }) => heard.push(clientID));
          await connect(server, []);
          assert.deepEqual(heard, [CLIENT.client_id, CLIENT.client_id]);
          assert.deepEqual(story(server), CONNECTED);
          await new Promise(setImmediate);
          assert.deepEqual(
            warnings.filter((warning) => warning.includes(message)),
            [message, message],
          );
        } finally {
          process.off('warning', hear);
        }
      });
    }
  });

  it('once is once', async () => {
    const server = tokenServer();
    let times = 0;
    server.tokens.events.once('issued', () => times++);
    await connect(server, []);
    assert.equal(times, 1);
  });
});
