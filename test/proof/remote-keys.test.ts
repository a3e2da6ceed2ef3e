import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { JWK } from 'jose';
import type { Fetch } from '../../lib/http/fetch-text.js';
import { clientKeys } from '../../lib/keys/client-keys.js';
import { NoSuchKeyError } from '../../lib/keys/local-keys.js';
import { KeysUnavailableError, type RemoteKeysOptions, remoteKeys } from '../../lib/keys/remote-keys.js';
import { recentlyUsed } from '../../lib/oldest-first.js';
import { type KeyServer, keyPair, keyServer } from '../support/key-server.js';

describe('remoteKeys: a key set behind a URL', () => {
  let one: JWK;
  let two: JWK;
  let server: KeyServer;
  let clock: { now: number };
  const FIRST = { alg: 'ES256', kid: 'one' };
  const SECOND = { alg: 'ES256', kid: 'two' };
  const UNKNOWN = { alg: 'ES256', kid: 'three' };

  before(async () => {
    [one, two] = (await Promise.all([keyPair('ES256', 'one'), keyPair('ES256', 'two')])).map(
      (pair) => pair.publicKey,
    ) as [JWK, JWK];
  });
  beforeEach(async () => {
    server = await keyServer();
    server.publish(one);
    clock = { now: 1_767_225_600 };
  });
  afterEach(() => server.close());

  const keysAt = (options: RemoteKeysOptions = {}) => {
    const setAt = remoteKeys({ now: () => clock.now, allowHTTP: 'loopback', ...options });
    return (url: string) => setAt(url).find;
  };
  const fail = (): void => {
    server.answer = (_request, response) => response.writeHead(500).end();
  };
  const isUnavailable = (cause: RegExp) => (error: unknown) => {
    assert.ok(error instanceof KeysUnavailableError, String(error));
    assert.equal(error.status, 503);
    assert.match(String(error.cause), cause);
    return true;
  };

  describe('is kept', () => {
    it('for ten minutes, however often it is needed', async () => {
      const find = keysAt()(server.url);
      assert.equal((await find(FIRST)).type, 'public');
      clock.now += 599;
      await find(FIRST);
      assert.equal(server.requests.length, 1);
      clock.now += 1;
      await find(FIRST);
      assert.equal(server.requests.length, 2);
    });

    it('by URL, whoever asks', async () => {
      const at = keysAt();
      await at(server.url)(FIRST);
      await at(server.url)(FIRST);
      assert.equal(server.requests.length, 1);
      await at(`${server.url}?other`)(FIRST);
      assert.equal(server.requests.length, 2);
    });

    it('and is fetched once for all who need it at the same moment', async () => {
      const at = keysAt();
      await Promise.all(Array.from({ length: 50 }, () => at(server.url)(FIRST)));
      assert.equal(server.requests.length, 1);
      server.publish(one, two);
      clock.now += 30;
      await Promise.all(Array.from({ length: 50 }, () => at(server.url)(SECOND)));
      assert.equal(server.requests.length, 2);
    });

    it('for no more than 1,000 URLs: those that were used last', async () => {
      const asked: string[] = [];
      const fetch: Fetch = async (url) => {
        asked.push(url);
        return Response.json({ keys: [one] });
      };
      const at = keysAt({ fetch });
      const url = (n: number): string => `https://client${n}.example/`;
      for (let n = 0; n < 1000; n++) await at(url(n))(FIRST);
      await at(url(0))(FIRST);
      assert.equal(asked.length, 1000);
      await at(url(1000))(FIRST); // the place of the second
      await at(url(0))(FIRST);
      assert.equal(asked.length, 1001);
      await at(url(1))(FIRST);
      assert.deepEqual(asked.slice(1000), [url(1000), url(1)]);
    });
  });

  describe('keeps fewer key sets if they are large: a stranger may register many URLs', () => {
    /** A set of some 60 KB, with a key that fits. */
    const large = (): object => ({ keys: [one, { kty: 'EC', kid: 'x'.repeat(60_000) }] });

    it('those that were fetched from URLs', async () => {
      for (const [set, fetches] of [
        [{ keys: [one] }, 1],
        [large(), 2],
      ] as const) {
        const asked: string[] = [];
        const fetch: Fetch = async (url) => {
          asked.push(url);
          return Response.json(url.endsWith('/first') ? { keys: [one] } : set);
        };
        const at = keysAt({ fetch });
        await at('https://client.example/first')(FIRST);
        for (let n = 0; n < 200; n++) await at(`https://client.example/${n}`)(FIRST);
        await at('https://client.example/first')(FIRST);
        assert.equal(asked.filter((url) => url.endsWith('/first')).length, fetches);
      }
    });

    it('those that were registered', async () => {
      const look = clientKeys<{ readonly jwks: object }>({});
      const setOf = (jwks: object) => look({ jwks }, ({ jwks }) => jwks());
      for (const [what, isSame] of [
        [(n: number) => ({ keys: [{ ...one, kid: `${n}` }] }), true],
        [(n: number) => ({ ...large(), n }), false],
      ] as const) {
        const own = { keys: [{ ...one, kid: `own, ${isSame}` }] };
        const first = await setOf(own);
        for (let n = 0; n < 200; n++) await setOf(what(n));
        assert.equal((await setOf(own)) === first, isSame);
      }
    });
  });

  describe('one host is asked no more than 600 times in a minute', () => {
    const asking = (answer: () => Response) => {
      const asked: string[] = [];
      const fetch: Fetch = async (url) => {
        asked.push(new URL(url).host);
        return answer();
      };
      const at = keysAt({ fetch });
      return { asked, ask: (url: string) => at(url)(FIRST) };
    };
    for (const [what, answer] of Object.entries({
      'that has no key set there': () => new Response(null, { status: 404 }),
      'that has one': () => Response.json({ keys: [one] }),
    }))
      it(`${what}, by more URLs than are kept, which a stranger may register`, async () => {
        const { asked, ask } = asking(answer);
        for (let n = 0; n < 3003; n++) await ask(`https://victim.example/${n % 1001}`).catch(() => {});
        assert.equal(asked.length, 600);
        await assert.rejects(ask('https://victim.example/another'), (error: KeysUnavailableError) => {
          assert.ok(error.retryAfter > 0 && error.retryAfter <= 60, `${error.retryAfter}`);
          return isUnavailable(/600 key sets were fetched from victim\.example/)(error);
        });
        await ask('https://other.example/').catch(() => {});
        assert.equal(asked.at(-1), 'other.example');
        clock.now += 60;
        await ask('https://victim.example/another').catch(() => {});
        assert.equal(asked.at(-1), 'victim.example');
      });

    it('and key sets that were fetched before are still refreshed, however many requests strangers cause', async () => {
      const fetch: Fetch = async (url) => {
        return url.endsWith('/own') ? Response.json({ keys: [one] }) : new Response(null, { status: 404 });
      };
      const at = keysAt({ fetch });
      await at('https://keys.example/own')(FIRST);
      for (const seconds of [3000, 900]) {
        clock.now += seconds;
        for (let n = 0; n < 610; n++)
          await assert.rejects(at(`https://keys.example/${n}`)(FIRST), KeysUnavailableError);
        assert.equal((await at('https://keys.example/own')(FIRST)).type, 'public');
      }
    });

    it('and URLs without a key set do not evict a key set that was fetched', async () => {
      const asked: string[] = [];
      const fetch: Fetch = async (url) => {
        asked.push(url);
        return url.endsWith('/own') ? Response.json({ keys: [one] }) : new Response(null, { status: 404 });
      };
      const at = keysAt({ fetch });
      await at('https://keys.example/own')(FIRST);
      for (let n = 0; n < 2002; n++) await at(`https://${n}.example/`)(FIRST).catch(() => {});
      await at('https://keys.example/own')(FIRST);
      assert.equal(asked.filter((url) => url.endsWith('/own')).length, 1);
    });

    it('and what was fetched before is asked for no more than 600 times in a minute', async () => {
      const { asked, ask } = asking(() => Response.json({ keys: [one] }));
      for (let n = 0; n < 400; n++) await ask(`https://keys.example/${n}`);
      clock.now += 60;
      for (let n = 400; n < 800; n++) await ask(`https://keys.example/${n}`);
      clock.now += 600;
      asked.length = 0;
      for (let n = 0; n < 800; n++) await ask(`https://keys.example/${n}`);
      assert.equal(asked.length, 600);
    });

    it('and what was fetched before is used meanwhile', async () => {
      const { ask } = asking(() => Response.json({ keys: [one] }));
      await ask('https://keys.example/own');
      clock.now += 601;
      for (let n = 0; n < 700; n++) await ask(`https://keys.example/${n}`).catch(() => {});
      assert.equal((await ask('https://keys.example/own')).type, 'public');
    });
  });

  describe('RFC 7517 §5: rotation of keys', () => {
    it('a key that is not in the set is looked for at once', async () => {
      const find = keysAt()(server.url);
      await find(FIRST);
      server.publish(one, two);
      clock.now += 30;
      await find(SECOND);
      await find(FIRST);
      assert.equal(server.requests.length, 2);
    });

    it('but every half minute at most: anyone can name a key', async () => {
      const find = keysAt()(server.url);
      await find(FIRST);
      for (let second = 0; second < 120; second++) {
        clock.now += 1;
        await assert.rejects(find({ ...UNKNOWN, kid: `guess ${second}` }), NoSuchKeyError);
      }
      assert.equal(server.requests.length, 5);
    });

    it('a key that was withdrawn is good until the set is fetched again', async () => {
      const find = keysAt()(server.url);
      await find(FIRST);
      server.publish(two);
      await find(FIRST);
      clock.now += 600;
      await assert.rejects(find(FIRST), NoSuchKeyError);
      await find(SECOND);
    });
  });

  describe('when it cannot be fetched', () => {
    it('says so, and why, and when it is tried again', async () => {
      fail();
      const find = keysAt()(server.url);
      await assert.rejects(find(FIRST), (error: KeysUnavailableError) => {
        assert.equal(error.retryAfter, 1);
        assert.match(error.message, /127\.0\.0\.1/);
        return isUnavailable(/status 500/)(error);
      });
    });

    it('is tried again ever more seldom, and until then nobody waits', async () => {
      fail();
      const find = keysAt()(server.url);
      const tried: number[] = [];
      for (let second = 0; second < 240; second++) {
        const before = server.requests.length;
        await assert.rejects(find(FIRST), isUnavailable(/status 500/));
        if (server.requests.length > before) tried.push(second);
        clock.now += 1;
      }
      assert.deepEqual(tried, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
      server.publish(one);
      clock.now += 60;
      await find(FIRST);
      fail();
      clock.now += 3600;
      await assert.rejects(find(FIRST), (error: KeysUnavailableError) => error.retryAfter === 1); // as if it had never failed
    });

    it('an earlier set is used, for up to an hour', async () => {
      const find = keysAt()(server.url);
      await find(FIRST);
      fail();
      for (const later of [600, 1800, 3599]) {
        clock.now = 1_767_225_600 + later;
        await find(FIRST);
      }
      assert.equal(server.requests.length, 4);
      clock.now += 1;
      await assert.rejects(find(FIRST), isUnavailable(/status 500/));
    });

    for (const status of [301, 403, 404, 410, 429])
      it(`an earlier set is used while its host answers ${status}: a set without the key withdraws a key, and no status does`, async () => {
        const find = keysAt()(server.url);
        await find(FIRST);
        server.answer = (_request, response) => response.writeHead(status, { location: '/other' }).end();
        clock.now += 600;
        await find(FIRST);
        clock.now += 3000;
        await assert.rejects(find(FIRST), isUnavailable(new RegExp(`status ${status}`)));
      });

    it('nobody can say that a key is unknown', async () => {
      const find = keysAt()(server.url);
      await find(FIRST);
      fail();
      clock.now += 30;
      await assert.rejects(find(SECOND), isUnavailable(/status 500/));
      await assert.rejects(find(SECOND), isUnavailable(/status 500/));
      assert.equal(server.requests.length, 2);
      await find(FIRST);
      server.publish(two);
      clock.now += 1;
      await find(SECOND);
    });

    it('one failure for all who need it at the same moment', async () => {
      fail();
      const find = keysAt()(server.url);
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => find(FIRST)));
      assert.ok(outcomes.every(({ status }) => status === 'rejected'));
      assert.equal(server.requests.length, 1);
    });
  });

  describe('refuses', () => {
    const json = (body: unknown) => (target: KeyServer) => {
      target.answer = (_request, response) => response.end(JSON.stringify(body));
    };
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    const table: readonly [what: string, prepare: (target: KeyServer) => void, cause: RegExp][] = [
      ['an error', fail, /status 500/],
      [
        'a success without keys',
        (target) => {
          target.answer = (_request, response) => response.writeHead(204).end();
        },
        /status 204/,
      ],
      [
        'a redirect',
        (target) => {
          target.answer = (request, response) => {
            if (request.url === '/jwks') response.writeHead(302, { location: '/other' }).end();
            else response.end(JSON.stringify({ keys: [one] }));
          };
        },
        /status 302/,
      ],
      [
        'what is no JSON',
        (target) => {
          target.answer = (_request, response) => response.end('<html>');
        },
        /SyntaxError/,
      ],
      [
        'nothing',
        (target) => {
          target.answer = (_request, response) => response.end();
        },
        /SyntaxError/,
      ],
      ['null', json(null), /array of keys/],
      ['an array', json([key]), /array of keys/],
      ['keys that are no array', json({ keys: { 0: key } }), /array of keys/],
      ['keys that are no objects', json({ keys: [one, 'key'] }), /array of keys/],
      ['more than 50 keys', json({ keys: Array.from({ length: 51 }, () => key) }), /more than 50 keys/],
      ['more than 64 KiB', json({ keys: [one], more: 'x'.repeat(64 * 1024) }), /larger than 65536 bytes/],
      [
        'more than 64 KiB that pass for less',
        (target) => {
          target.answer = (_request, response) => {
            const body = gzipSync(JSON.stringify({ keys: [one], more: 'x'.repeat(10_000_000) }));
            response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
          };
        },
        /larger than 65536 bytes/,
      ],
      [
        'what is nested without an end',
        (target) => {
          target.answer = (_request, response) =>
            response.end(`{"keys":[{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}`);
        },
        /./,
      ],
      [
        'an answer that is cut off',
        (target) => {
          target.answer = (_request, response) => {
            response.writeHead(200, { 'content-length': 1000 }).write('{"keys":');
            setImmediate(() => response.destroy());
          };
        },
        /Error/,
      ],
    ];
    for (const [what, prepare, cause] of table) {
      it(what, async () => {
        prepare(server);
        await assert.rejects(keysAt()(server.url)(FIRST), isUnavailable(cause));
        assert.equal(server.requests.length, 1);
      });
    }

    it('takes 50 keys, and just 64 KiB', async () => {
      const keys = [one, ...Array.from({ length: 49 }, () => key)];
      const text = JSON.stringify({ keys });
      server.answer = (_request, response) => response.end(text.padEnd(64 * 1024));
      await keysAt()(server.url)(FIRST);
    });

    it('an endless answer, and stops reading it', async () => {
      const ended = new Promise<void>((resolve) => {
        server.answer = (_request, response) => {
          response.writeHead(200).on('close', resolve);
          const write = (): void => {
            while (!response.destroyed && response.write(' '.repeat(4096)));
          };
          response.on('drain', write);
          write();
        };
      });
      await assert.rejects(keysAt()(server.url)(FIRST), isUnavailable(/larger than 65536 bytes/));
      await ended;
    });

    for (const [what, begin] of [
      ['an answer that does not begin in time', false],
      ['an answer that does not end in time', true],
    ] as const) {
      it(`${what}, and hangs up`, async () => {
        const ended = new Promise<void>((resolve) => {
          server.answer = (_request, response) => {
            response.on('close', resolve);
            if (begin) response.writeHead(200).write('{"keys":');
          };
        });
        await assert.rejects(keysAt({ fetchTimeout: 0.5 })(server.url)(FIRST), isUnavailable(/within 0.5 s/));
        await ended;
      });
    }

    it('a fetch that does not heed its signal', async () => {
      const fetch: Fetch = () => new Promise(() => {});
      await assert.rejects(keysAt({ fetch, fetchTimeout: 0.01 })(server.url)(FIRST), isUnavailable(/within 0.01 s/));
    });

    it('nobody who listens', async () => {
      await server.close();
      await assert.rejects(keysAt()(server.url)(FIRST), isUnavailable(/fetch failed/));
      server = await keyServer();
    });

    it('a timeout that is no time', () => {
      for (const fetchTimeout of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 3_000_000])
        assert.throws(() => remoteKeys({ fetchTimeout }), TypeError);
    });
  });

  describe('where it goes', () => {
    const recording = () => {
      const asked: Parameters<Fetch>[] = [];
      const fetch: Fetch = async (...request) => {
        asked.push(request);
        return Response.json({ keys: [one] });
      };
      return { asked, fetch };
    };

    const loopback = ['http://localhost:1/jwks', 'http://127.0.0.1/', 'http://[::1]:1/'];
    for (const url of ['https://client.example/jwks', ...loopback]) {
      it(url, async () => {
        const { asked, fetch } = recording();
        await keysAt({ fetch })(url)(FIRST);
        assert.equal(asked.length, 1);
      });
    }
    for (const url of loopback) {
      it(`not ${url}, unless allowed`, async () => {
        const { asked, fetch } = recording();
        await assert.rejects(remoteKeys({ fetch })(url).find(FIRST), isUnavailable(/https/));
        assert.equal(asked.length, 0);
      });
    }

    const refused = [
      ...['http://client.example/jwks', 'http://127.0.0.1.example/', 'http://127.0.0.2/', 'http://10.0.0.1/'],
      ...['file:///etc/passwd', 'data:application/json,{"keys":[]}', 'ftp://client.example/', 'blob:https://a/b'],
      ...['https://user:password@client.example/', 'https://user@client.example/', 'jwks', '', '//client.example'],
    ];
    for (const url of refused) {
      it(`not ${JSON.stringify(url)}`, async () => {
        const { asked, fetch } = recording();
        await assert.rejects(keysAt({ fetch })(url)(FIRST), isUnavailable(/https|credentials|Invalid URL/));
        assert.equal(asked.length, 0);
      });
    }

    it('allowHTTP: plain http anywhere, and nothing else', async () => {
      const { asked, fetch } = recording();
      const at = keysAt({ fetch, allowHTTP: 'anywhere' });
      await at('http://client.example/jwks')(FIRST);
      await assert.rejects(at('ftp://client.example/')(FIRST), isUnavailable(/https/));
      await assert.rejects(at('http://user@client.example/')(FIRST), isUnavailable(/credentials/));
      assert.equal(asked.length, 1);
    });

    it('without credentials, and following nothing', async () => {
      const { asked, fetch } = recording();
      await keysAt({ fetch })('https://client.example/jwks')(FIRST);
      const [[url, request] = assert.fail()] = asked;
      assert.equal(url, 'https://client.example/jwks');
      assert.deepEqual([request.redirect, request.credentials], ['manual', 'omit']);
      await keysAt()(server.url)(FIRST);
      const { headers, method } = server.requests[0] ?? assert.fail();
      assert.deepEqual([method, headers.cookie, headers.authorization], ['GET', undefined, undefined]);
      assert.match(headers.accept ?? '', /^application\/jwk-set\+json/);
    });
  });

  it('keeps of each key the members that keys have, and nothing else that somebody wrote', async () => {
    const much = Array.from({ length: 5000 }, () => ({}));
    const texts = (length: number) => Array.from({ length }, () => 'x');
    const sent = { ...one, note: 'x', x5c: ['a', 'b'], x5t: much, key_ops: texts(17) };
    server.answer = (_request, response) => response.end(JSON.stringify({ keys: [sent, { ...two, d: 'secret' }] }));
    const { keys } = await remoteKeys({ allowHTTP: 'loopback' })(server.url).jwks();
    assert.deepEqual(keys, [
      { ...one, x5c: ['a', 'b'], x5t: null, key_ops: null },
      { ...two, d: null },
    ]);
  });

  for (const [what, member] of Object.entries({
    use: { use: {} },
    operations: { key_ops: [['verify']] },
    ext: { ext: {} },
  }))
    it(`a key whose ${what} cannot be read is not taken for one without`, async () => {
      server.answer = (_request, response) => response.end(JSON.stringify({ keys: [{ ...one, ...member }] }));
      await assert.rejects(keysAt()(server.url)(FIRST), NoSuchKeyError);
    });

  it('a private key is refused', async () => {
    server.answer = (_request, response) => response.end(JSON.stringify({ keys: [{ ...one, d: 'secret' }] }));
    await assert.rejects(keysAt()(server.url)(FIRST), /not a public key/);
  });

  it('gives the set itself, which is no older than half a minute where that can be had', async () => {
    const set = remoteKeys({ now: () => clock.now, allowHTTP: 'loopback' })(server.url);
    assert.deepEqual((await set.jwks()).keys, [one]);
    clock.now += 29;
    await set.jwks();
    assert.equal(server.requests.length, 1);
    server.publish(two);
    clock.now += 1;
    assert.deepEqual((await set.jwks()).keys, [two]);
    fail();
    clock.now += 30;
    assert.deepEqual((await set.jwks()).keys, [two]);
    clock.now += 3600;
    await assert.rejects(set.jwks(), KeysUnavailableError);
  });

  it('keeps the machine’s time where it is told no other', async () => {
    const { find } = remoteKeys({ allowHTTP: 'loopback' })(server.url);
    await find(FIRST);
    await find(FIRST);
    await assert.rejects(find(UNKNOWN), NoSuchKeyError);
    assert.equal(server.requests.length, 1);
  });
});

describe('recentlyUsed', () => {
  it('makes once, and again what was pushed out', () => {
    const made: string[] = [];
    const get = recentlyUsed(2, (key) => ({ number: made.push(key) }));
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) get(key);
    assert.deepEqual(made, ['a', 'b', 'c', 'b']);
  });

  it('keeps nothing of what throws', () => {
    let calls = 0;
    const throwing = recentlyUsed(2, (): object => {
      calls++;
      throw new Error('no');
    });
    assert.throws(() => throwing('a'));
    assert.throws(() => throwing('a'));
    assert.equal(calls, 2);
  });
});
