/** `koauthorize attack`, on a sound server and on one with a flaw. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatReportsAsJUnit } from '../../lib/testing/attack/junit.js';
import { startWeak } from '../support/weak-server.js';
import { readXML } from '../support/xml.js';
import { type } from './terminal.js';

type Weak = Awaited<ReturnType<typeof startWeak>>;

/** The target by options alone: what a user knows of their own server. */
const optionsOf = ({ target: { issuer, client } }: Weak): string[] => [
  issuer,
  ...['--client-id', client.client_id, '--client-secret', client.client_secret ?? ''],
  ...['--redirect-uri', client.redirect_uri],
  ...['--login', `${issuer}/login`, '--field', 'user=alice'],
];

describe('koauthorize attack', function () {
  this.timeout(60_000);
  let sound: Weak;
  let weak: Weak;
  let directory: string;
  before(async () => {
    [sound, weak] = await Promise.all([startWeak({}), startWeak({ flaws: ['code-replay'] })]);
    directory = mkdtempSync(join(tmpdir(), 'koauthorize-attack-'));
  });
  after(async () => {
    await Promise.all([sound.stop(), weak.stop()]);
    rmSync(directory, { recursive: true });
  });

  it('ends with 0 where the attacks are withstood, and tells its progress beside the table', async () => {
    const { code, out, err } = await type([
      'attack',
      ...optionsOf(sound),
      '--only',
      'code-replay,pkce-plain-downgrade',
    ]);
    assert.equal(code, 0, out);
    assert.match(out, /^attack +outcome[\s\S]*^code-replay +withstood[\s\S]*^2 withstood, 0 succeeded/m);
    assert.match(err, /^1\/2 {2}withstood {2}\S+\n2\/2 {2}withstood/);
  });

  it('ends with 1 where one succeeds, and says what it got', async () => {
    const { code, out } = await type(['attack', ...optionsOf(weak), '--only', 'code-replay', '--json']);
    assert.equal(code, 1);
    const { reports } = JSON.parse(out);
    assert.deepEqual([reports[0].name, reports[0].outcome], ['code-replay', 'succeeded']);
    assert.ok(reports[0].detail.length > 0);
  });

  it('ends with 1 where there is no result: nobody can log in', async () => {
    const options = optionsOf(sound).map((each) => (each.endsWith('/login') ? `${each}-elsewhere` : each));
    const { code, out } = await type(['attack', ...options, '--only', 'code-replay']);
    assert.equal(code, 1);
    assert.match(out, /^code-replay +error/m);
  });

  it('ends with 1 where the server is down, and says so once, and why', async () => {
    const gone = await startWeak({});
    await gone.stop();
    const { origin, host } = new URL(gone.target.issuer);
    const { code, out, err } = await type(['attack', ...optionsOf(gone)]);
    assert.equal(code, 1);
    assert.equal(
      out.replace(/\d+/, 'N'),
      `None of N attacks has a result: ${origin} does not answer: connect ECONNREFUSED ${host}\n`,
    );
    assert.match(err, /^1\/\d+ {2}error {6}redirect-uri-variants\n$/);
  });

  it('fails for what was not tried with --strict only', async () => {
    const args = ['attack', ...optionsOf(sound), '--only', 'introspection-of-anothers-token'];
    assert.equal((await type(args)).code, 0);
    assert.equal((await type([...args, '--strict'])).code, 1);
  });

  it('prints of an error what it says, and not what else it holds: that may be a secret', async () => {
    const target = join(directory, 'throws.mjs');
    writeFileSync(
      target,
      `export const target = { login: () => { throw Object.assign(new Error('no login'), { config: 'a password' }); } };`,
    );
    const { client } = sound.target;
    const options = ['--client-id', client.client_id, '--redirect-uri', client.redirect_uri, '--only', 'code-replay'];
    const { code, out } = await type(['attack', sound.target.issuer, ...options, '--target', target, '--json']);
    assert.equal(code, 1);
    assert.match(out, /"detail": "no login"/);
    assert.doesNotMatch(out, /a password/);
  });

  it('takes what a module exports, and what the options say counts more', async () => {
    const { issuer, client } = sound.target;
    const path = join(directory, 'target.mjs');
    const login = `async (visitor) => visitor.submit(await visitor.get('${issuer}/login'), { user: 'alice' })`;
    writeFileSync(
      path,
      `export const target = { issuer: 'http://localhost:1', client: ${JSON.stringify(client)}, login: ${login} };`,
    );
    const { code, out } = await type(['attack', issuer, '--target', path, '--only', 'code-replay']);
    assert.equal(code, 0, out);
  });

  /** The outcomes as a CI system reads them: the kind of each test case, and its message. */
  const junitIn = (path: string) => {
    const { name, children } = readXML(readFileSync(path, 'utf8'));
    assert.equal(name, 'testsuites');
    const [suite] = children;
    const cases = suite?.children.map(({ attributes, children: [problem] }) => ({
      attack: attributes['name']?.split(':')[0],
      kind: problem?.name,
      message: problem?.attributes['message'],
    }));
    return { suite: suite?.attributes, cases };
  };

  it('writes JUnit XML into a file, beside the table', async () => {
    const path = join(directory, 'attacks.xml');
    writeFileSync(path, 'what an earlier run left');
    const only = 'code-replay,introspection-of-anothers-token,pkce-plain-downgrade';
    const { code, out } = await type(['attack', ...optionsOf(weak), '--only', only, '--junit', path]);
    assert.equal(code, 1);
    assert.match(out, /^code-replay +succeeded/m);
    const { suite, cases } = junitIn(path);
    assert.deepEqual({ ...suite }, { name: 'attacks', tests: '3', failures: '1', errors: '0', skipped: '1' });
    assert.deepEqual(cases?.map(({ attack, kind }) => [attack, kind]).sort(), [
      ['code-replay', 'failure'],
      ['introspection-of-anothers-token', 'skipped'],
      ['pkce-plain-downgrade', undefined],
    ]);
  });

  it('calls in JUnit XML an error what --strict calls a problem', async () => {
    const path = join(directory, 'strict.xml');
    const only = ['--only', 'introspection-of-anothers-token'];
    assert.equal((await type(['attack', ...optionsOf(sound), ...only, '--strict', '--junit', path])).code, 1);
    const [one] = junitIn(path).cases ?? [];
    assert.equal(one?.kind, 'error');
    assert.match(one?.message ?? '', /^It could not be tried: ./);
  });

  it('counts in JUnit XML what has no result', async () => {
    const path = join(directory, 'errors.xml');
    const options = optionsOf(sound).map((each) => (each.endsWith('/login') ? `${each}-elsewhere` : each));
    assert.equal((await type(['attack', ...options, '--only', 'code-replay', '--junit', path])).code, 1);
    const { tests, failures, errors, skipped } = junitIn(path).suite ?? {};
    assert.deepEqual([tests, failures, errors, skipped], ['1', '0', '1', '0']);
  });

  it('escapes in JUnit XML whatever a server has answered', () => {
    const detail = "\"/><evil a='b'>&amp;]]></evil>\u0007\u001b[31m\ufffe\ud800\nnext";
    const report = {
      name: 'code-replay',
      title: 'a <b> & "c"',
      clause: 'RFC 6749 §4.1.2',
      outcome: 'succeeded',
      detail,
    };
    const path = join(directory, 'escaped.xml');
    writeFileSync(path, formatReportsAsJUnit([report as never]));
    const [only] = junitIn(path).cases ?? [];
    assert.equal(only?.kind, 'failure');
    assert.equal(only?.message, "\"/><evil a='b'>&amp;]]></evil>\\u{7}\\u{1b}[31m\\u{fffe}\\u{d800} next");
    assert.match(readFileSync(path, 'utf8'), /name="code-replay: a &lt;b&gt; &amp; &quot;c&quot; \(RFC 6749/);
  });

  it('leaves what an earlier run wrote, where it ends before the attacks', async () => {
    const path = join(directory, 'earlier.xml');
    writeFileSync(path, 'what an earlier run left');
    const target = join(directory, 'unknown-member.mjs');
    writeFileSync(target, 'export const target = { unknown: 1 };');
    assert.equal((await type(['attack', ...optionsOf(sound), '--target', target, '--junit', path])).code, 2);
    assert.equal(readFileSync(path, 'utf8'), 'what an earlier run left');
  });

  it('ends with 2 before it attacks if the file for JUnit XML cannot be written', async () => {
    const path = join(directory, 'missing', 'attacks.xml');
    const { code, err } = await type(['attack', ...optionsOf(sound), '--junit', path]);
    assert.equal(code, 2);
    assert.match(err, /^\S+attacks\.xml cannot be written: ENOENT/);
    assert.doesNotMatch(err, /withstood/);
  });

  for (const [what, args, message] of [
    ['no server', [], /^The issuer identifier of the server is needed/],
    ['a server that is not a URL', ['as.example'], /^as\.example is not a URL/],
    ['no client', ['https://as.example'], /^A client is needed/],
    [
      'no login',
      ['https://as.example', '--client-id', 'a', '--redirect-uri', 'https://a.example'],
      /^A login is needed/,
    ],
    [
      'a field without a value',
      ['https://as.example', '--login', 'https://as.example', '--field', 'x'],
      /^--field is name=value/,
    ],
    ['a grace that is no number', ['https://as.example', '--grace', 'long'], /^--grace is a number/],
    ['a grace without end', ['https://as.example', '--grace', 'Infinity'], /^--grace is a number/],
    ['a grace before now', ['https://as.example', '--grace=-1'], /^--grace is a number/],
    [
      'an unknown attack',
      [...'https://a.example --client-id a --redirect-uri b --login c --only x'.split(' ')],
      /^No attack is named x/,
    ],
    ['two servers', ['https://a.example', 'https://b.example'], /^Name one authorization server/],
  ] as const)
    it(`ends with 2 for ${what}`, async () => {
      const { code, err } = await type(['attack', ...args]);
      assert.equal(code, 2);
      assert.match(err, message);
    });
});
