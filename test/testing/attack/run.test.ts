/** What a report says of a server that cannot be judged, and what comes of reports. */
import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttackReport, type AttackTarget, attackSuite, formatReports, runAttacks } from 'koauthorize/testing';
import { type RunningWeak, startWeak } from '../../support/weak-server.js';

async function listening(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const ONE = { only: ['clickjacking'] };

async function outcome(target: AttackTarget): Promise<string> {
  const [report] = await runAttacks(target, ONE);
  return `${report?.outcome}: ${report?.detail}`;
}

describe('attacks that cannot be told', () => {
  let weak: RunningWeak;
  before(async () => {
    weak = await startWeak();
  });
  after(() => weak.stop());

  it('a server that is down has withstood nothing', async () => {
    const { url, server } = await listening(() => {});
    await close(server);
    const why = `connect ECONNREFUSED ${new URL(url).host}`;
    assert.equal(await outcome({ ...weak.target, issuer: url }), `error: ${url} does not answer: ${why}`);
  });

  it('nor one that speaks another protocol, or where nobody may ask: the detail says which of several reasons it is', async () => {
    const reasons = [
      ['http://localhost:1', /^error: http:\/\/localhost:1 does not answer: bad port$/],
      [weak.target.issuer.replace('http:', 'https:'), /^error: https:\/\/\S+ does not answer: .*(SSL|wrong version)/],
    ] as const;
    for (const [issuer, reason] of reasons) assert.match(await outcome({ ...weak.target, issuer }), reason);
  });

  it('nor one that ends connections without an answer', async () => {
    const { url, server } = await listening((request) => void request.socket.destroy());
    assert.match(
      await outcome({ ...weak.target, issuer: url }),
      /^error: http:\S+ does not answer: other side closed$/,
    );
    await close(server);
  });

  it('nor has one that refuses everything', async () => {
    const { url, server } = await listening((_, response) => void response.writeHead(403).end('No'));
    const endpoints = { authorization: `${url}/authorize`, token: `${url}/token` };
    assert.match(
      await outcome({ ...weak.target, endpoints, login: () => {} }),
      /^error: An honest request of .* to http:.*\/authorize gives no code: 403 No$/,
    );
    await close(server);
  });

  it('nor one that gives codes, and no tokens for them', async () => {
    const { url, server } = await listening(
      (_, response) => void response.writeHead(400).end('{"error":"invalid_grant"}'),
    );
    const { endpoints } = weak.target;
    const authorization = `${weak.target.issuer}/authorize`;
    assert.match(
      await outcome({ ...weak.target, endpoints: { ...endpoints, authorization, token: url } }),
      /^error: An honest exchange of .* gives no token: 400 .*invalid_grant/,
    );
    await close(server);
  });

  it('nor one whose API refuses a good access token; where that is 403, the scope may be too narrow', async () => {
    for (const [status, hint] of [
      [500, '$'],
      [403, ': is the scope of .* what it wants\\?$'],
    ] as const) {
      const { url, server } = await listening((_, response) => void response.writeHead(status).end());
      const target = { ...weak.target, endpoints: { ...weak.target.endpoints, resource: url } };
      for (const only of ['token-confusion', 'token-in-url']) {
        const [report] = await runAttacks(target, { only: [only] });
        assert.match(
          `${report?.outcome}: ${report?.detail}`,
          new RegExp(`^error: ${url} answers ${status} to a good access token${hint}`),
          only,
        );
      }
      await close(server);
    }
  });

  it('nor one where nobody can log in', async () => {
    assert.match(await outcome({ ...weak.target, login: () => {} }), /^error: .* gives no code: 200 /);
    const login = (): never => {
      throw new Error('wrong password');
    };
    assert.equal(await outcome({ ...weak.target, login }), 'error: wrong password');
  });

  it('nor one that says no endpoints', async () => {
    const { url, server } = await listening((_, response) => void response.writeHead(404).end());
    assert.match(
      await outcome({ ...weak.target, issuer: `${url}/tenant/` }),
      /^error: .*oauth-authorization-server\/tenant \(404\) names no/,
    );
    await close(server);
  });

  it('a dialog that is not shown, because it was answered once, is asked for with forget', async () => {
    const { url, server } = await listening((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://here');
      const to = `${searchParams.get('redirect_uri')}?code=remembered`;
      response.writeHead(303, { location: to }).end();
    });
    const { url: tokens, server: tokenServer } = await listening(
      (_, response) => void response.end('{"access_token":"t"}'),
    );
    assert.match(
      await outcome({ ...weak.target, endpoints: { authorization: url, token: tokens } }),
      /^error: .* shows no dialog: 303 to .*; where consent is remembered, `forget` must take it back$/,
    );
    await Promise.all([close(server), close(tokenServer)]);
  });

  it('what the target lacks is said', async () => {
    const client = { ...weak.target.client, redirect_uris: undefined };
    const target = { ...weak.target, client, otherClient: undefined, publicClient: undefined };
    const [report] = await runAttacks(target, { only: ['redirect-uri-missing'] });
    assert.equal(`${report?.outcome}: ${report?.detail}`, 'skipped: no client with several redirect_uris');
  });

  it('a name that no attack has is a mistake', async () => {
    await assert.rejects(
      runAttacks(weak.target, { only: ['clickjaking'] }),
      /^RangeError: No attack is named clickjaking$/,
    );
    await assert.rejects(runAttacks(weak.target, { without: ['x', 'mix-up', 'y'] }), /^RangeError: .* x, y$/);
  });

  it('a choice that leaves none is a mistake: no reports would read as none that fails', async () => {
    for (const options of [{ only: [] }, { only: ['mix-up'], without: ['mix-up'] }]) {
      await assert.rejects(runAttacks(weak.target, options), /^TypeError: No attack is chosen$/);
      assert.throws(() => attackSuite({ describe: () => {}, it: () => {} }, weak.target, options), TypeError);
    }
  });

  it('only those are tried that are chosen', async () => {
    const reports = await runAttacks(weak.target, { only: ['mix-up', 'clickjacking'], without: ['mix-up'] });
    assert.deepEqual(
      reports.map(({ name }) => name),
      ['clickjacking'],
    );
  });
});

describe('reports of attacks', () => {
  const report = (outcome: AttackReport['outcome'], detail: string): AttackReport => ({
    name: 'mix-up',
    title: 'a title',
    clause: 'RFC 9207 §2',
    outcome,
    detail,
  });

  it('says an error once that several attacks in a row ended with', () => {
    const [down, other] = [report('error', 'the server is down'), report('error', 'another')];
    const lines = formatReports([down, down, down, other, down, report('skipped', 'a'), report('skipped', 'a')]).split(
      '\n',
    );
    assert.deepEqual(
      lines.slice(1).map((line) => line.split('§2').at(-1)?.trim()),
      ['the server is down', 'the same', 'the same', 'another', 'the server is down', 'a', 'a'],
    );
  });

  it('are a table', () => {
    assert.equal(
      formatReports([report('withstood', ''), { ...report('succeeded', 'two\nlines'), name: 'a-longer-name' }]),
      [
        'attack         outcome    clause       detail',
        'mix-up         withstood  RFC 9207 §2',
        'a-longer-name  succeeded  RFC 9207 §2  two lines',
      ].join('\n'),
    );
  });
});

describe('attackSuite()', () => {
  /** A framework that remembers what was defined. */
  function collector() {
    const tests = new Map<string, () => Promise<void>>();
    const groups: string[] = [];
    return {
      tests,
      groups,
      framework: {
        describe(name: string, body: () => void) {
          groups.push(name);
          body();
        },
        it: (name: string, body: () => Promise<void>) => void tests.set(name, body),
      },
    };
  }

  const run = async (target: AttackTarget, name: string): Promise<unknown> => {
    const { framework, tests } = collector();
    attackSuite(framework, target, { only: [name] });
    const [body, ...more] = tests.values();
    assert.ok(body && more.length === 0);
    return body().then(
      () => 'passed',
      (error: Error) => error.message,
    );
  };

  it('defines a test for each attack, with its clause', () => {
    const { framework, tests, groups } = collector();
    const target: AttackTarget = {
      issuer: 'https://as.example',
      client: { client_id: 'c', redirect_uri: 'r' },
      login: () => {},
    };
    attackSuite(framework, target, { without: ['mix-up'] });
    assert.deepEqual(groups, ['attacks on https://as.example']);
    const names = [...tests.keys()];
    assert.ok(names.length > 40);
    assert.ok(names.some((name) => /^clickjacking: .* \(RFC 9700 §4\.16\)$/.test(name)));
    assert.ok(!names.some((name) => name.startsWith('mix-up')));
    assert.throws(() => attackSuite(framework, target, { only: ['x'] }), RangeError);
  });

  it('passes what is withstood, and fails what succeeds, is skipped or cannot be told', async () => {
    const weak = await startWeak({ flaws: ['clickjacking'] });
    try {
      assert.equal(await run(weak.target, 'dialog-cached'), 'passed');
      assert.match(
        String(await run(weak.target, 'clickjacking')),
        /^Succeeded: .*: the dialog has neither .* \(RFC 9700 §4\.16\)$/,
      );
      const { otherClient: _, publicClient: __, ...alone } = weak.target;
      assert.match(String(await run(alone, 'code-of-another-client')), /^Not tried: .*name it in `without`$/);
      const unknown = { ...weak.target, login: () => Promise.reject(new Error('no')) };
      assert.equal(await run(unknown, 'clickjacking'), 'It cannot be told: no');
    } finally {
      await weak.stop();
    }
  });
});
