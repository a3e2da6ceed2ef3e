/** `koauthorize keys`: a file that keySet() takes, and steps that come too early change nothing. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keySet } from 'koauthorize/tokens';
import { type KeyFile, readKeys, replaceKeys } from '../../lib/command/keys/file.js';
import { nextStep, PUBLISHED_FIRST } from '../../lib/command/keys/rotate.js';
import { type } from './terminal.js';

describe('koauthorize keys', () => {
  let home: string;
  let file: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'koauthorize-keys-'));
    file = join(home, 'keys.json');
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });
  const keys = (...args: string[]) => type(['keys', ...args, '--file', file]);

  /** Rotates as it would be done at this time. @returns what was told, or until when to wait */
  async function rotateAt(now: number, longestToken = 3600): Promise<string | number> {
    const step = await nextStep(await readKeys(file), { now, longestToken });
    if ('waitUntil' in step) return step.waitUntil;
    replaceKeys(file, step.keys);
    return step.told;
  }

  it('makes a file that only its owner reads, and that keySet() takes', async () => {
    const { code } = await keys('make', '--alg', 'RS256,ES256');
    assert.equal(code, 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(home), ['keys.json']);
    const set = await keySet(JSON.parse(readFileSync(file, 'utf8')));
    assert.equal(set.signing().alg, 'RS256');
    assert.equal(set.signing('ES256').alg, 'ES256');
  });

  it('never writes over a file that is there', async () => {
    await keys('make');
    const before = readFileSync(file, 'utf8');
    const { code, err } = await keys('make');
    assert.deepEqual([code, readFileSync(file, 'utf8')], [1, before]);
    assert.match(err, /is there already/);
  });

  it('of several processes that create the file at once, one creates it, and the others report that it exists', async () => {
    const made = await Promise.all([keys('make', '--alg', 'RS256'), keys('make'), keys('make', '--alg', 'EdDSA')]);
    assert.deepEqual(made.map(({ code }) => code).sort(), [0, 1, 1]);
    const told = made.find(({ code }) => code === 0)?.out ?? '';
    assert.ok(told.includes(` has ${(await readKeys(file)).signing[0]?.alg}.`), told);
    assert.deepEqual(readdirSync(home), ['keys.json']);
  });

  it('shows no private member, as a table and as a key set', async () => {
    await keys('make');
    await keys('rotate');
    const table = await keys('show');
    assert.match(table.out, /^kid +alg +state[\s\S]* ES256 +signs [\s\S]* ES256 +will sign /);
    const { out } = await keys('show', '--json');
    const set = JSON.parse(out);
    assert.equal(set.keys.length, 2);
    for (const key of set.keys) assert.equal(key.d, undefined);
    for (const { d = '' } of (await readKeys(file)).published) assert.ok(!table.out.includes(d));
  });

  it('publishes a key before it signs, and the last one until its tokens have ended', async () => {
    await keys('make');
    const [first] = (await readKeys(file)).signing;
    const now = first?.iat ?? 0;
    assert.match(String(await rotateAt(now)), /^Deploy the file/);
    const published = await readKeys(file);
    assert.equal(published.signing[0]?.kid, first?.kid, 'the first key still signs');
    const [next] = published.published;
    assert.equal(await rotateAt(now + PUBLISHED_FIRST - 1), now + PUBLISHED_FIRST, 'too early');
    assert.deepEqual(await readKeys(file), published, 'nothing was changed');
    const switched = now + PUBLISHED_FIRST;
    assert.match(String(await rotateAt(switched)), /^The new keys sign/);
    const after: KeyFile = await readKeys(file);
    assert.deepEqual([after.signing[0]?.kid, after.published[0]?.kid], [next?.kid, first?.kid]);
    assert.equal(after.published[0]?.d, undefined, 'the private part of the old key is gone');
    assert.equal(await rotateAt(switched + 3599), switched + 3600, 'tokens of the old key are good');
    const set = await keySet(JSON.parse(readFileSync(file, 'utf8')));
    assert.ok(set.find(first?.kid), 'so it is published');
    await rotateAt(switched + 3600);
    assert.ok(!JSON.stringify(await readKeys(file)).includes(first?.kid ?? ''), 'and then dropped');
    await keySet(JSON.parse(readFileSync(file, 'utf8')));
  });

  it('rotate ends with 1 where it is too early', async () => {
    await keys('make');
    assert.equal((await keys('rotate')).code, 0);
    const { code, err } = await keys('rotate');
    assert.equal(code, 1);
    assert.match(err, /^Nothing was changed: .* until 20\d\d-/);
    assert.equal(JSON.parse((await keys('rotate', '--json')).out).error, 'too early');
  });

  for (const [what, args, message] of [
    ['nothing to do', [], /^What to do is make, rotate, show/],
    ['something else to do', ['destroy'], /^What to do is/],
    ['two keys of one algorithm', ['make', '--alg', 'ES256,RS256,ES256'], /^--alg names ES256 twice/],
    ['an unknown algorithm', ['make', '--alg', 'HS256'], /^--alg is EdDSA/],
    ['no file', ['rotate'], /^There is no file .*keys\.json: make it/],
    ['a time that is not a number', ['rotate', '--longest-token', 'an hour'], /^--longest-token is a number/],
    ['a time without end', ['rotate', '--longest-token', 'Infinity'], /^--longest-token is a number/],
    ['a time of nothing', ['rotate', '--longest-token', ''], /^--longest-token is a number/],
    ['a time before now', ['rotate', '--longest-token=-1'], /^--longest-token is a number/],
    ['a part of a second', ['rotate', '--longest-token', '0.5'], /^--longest-token is a number/],
    ['a time that no number has', ['rotate', '--longest-token', '1e15'], /^--longest-token is a number/],
  ] as const)
    it(`ends with 2 for ${what}`, async () => {
      const { code, err } = await keys(...args);
      assert.equal(code, 2);
      assert.match(err, message);
      assert.ok(!existsSync(file));
    });

  it('follows a link, and leaves owner and mode of the file as they are: the server that reads it may run as another user', async () => {
    await keys('make');
    chmodSync(file, 0o640);
    const link = join(home, 'link.json');
    symlinkSync(file, link);
    const usual = process.umask(0o077); // of a careful operator
    const { code } = await type(['keys', 'rotate', '--file', link]).finally(() => process.umask(usual));
    assert.equal(code, 0);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal((await readKeys(file)).published.length, 1);
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(home).sort(), ['keys.json', 'link.json']);
  });

  it('gives the file to the owner that it had', async function () {
    if (process.getuid?.() !== 0) this.skip(); // nobody else may give a file away
    await keys('make');
    chownSync(file, 12_345, 12_346);
    await keys('rotate');
    assert.deepEqual([statSync(file).uid, statSync(file).gid], [12_345, 12_346]);
  });

  it('does not rotate keys that keySet() refuses: no server could start with the file', async () => {
    await keys('make');
    const { signing, published } = await readKeys(file);
    const [{ d: _, ...open } = {}] = signing;
    const text = JSON.stringify({ signing: [open], published });
    writeFileSync(file, text);
    for (const action of ['rotate', 'show']) {
      const { code, err } = await keys(action);
      assert.equal(code, 2);
      assert.match(err, /keys\.json: .*private/);
    }
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('ends with 2 for a path that cannot be used, and says what is wrong with it', async () => {
    const lost = await type(['keys', 'make', '--file', join(home, 'nowhere', 'keys.json')]);
    assert.equal(lost.code, 2);
    assert.match(lost.err, /^ENOENT: .*nowhere.*\n$/);
    const folder = await type(['keys', 'show', '--file', home]);
    assert.deepEqual([folder.code, folder.err.split(':')[0]], [2, `There is no file ${home}`]);
  });

  it('tells nothing of a file that it cannot read', async () => {
    writeFileSync(file, '{ "signing": "secret", }');
    const { code, err } = await keys('show');
    assert.equal(code, 2);
    assert.ok(!err.includes('secret'), err);
  });
});
