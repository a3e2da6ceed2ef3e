/** `koauthorize doctor`: arguments, output, exit codes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../lib/command/run.js';
import { root } from '../run.js';
import { documentHost } from '../support/document-host.js';
import { foreignServer, soundMetadata } from '../support/patient.js';

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await runCommand(['doctor', ...args], terminal);
  return { code, out: out.join(''), err: err.join('') };
}

describe('koauthorize doctor', () => {
  let directory: string;
  let sound: Awaited<ReturnType<typeof foreignServer>>;
  let unsound: Awaited<ReturnType<typeof foreignServer>>;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'koauthorize-doctor-'));
    sound = await foreignServer(soundMetadata);
    unsound = await foreignServer((url) => ({ ...soundMetadata(url), code_challenge_methods_supported: [] }));
  });
  after(async () => {
    await sound.stop();
    await unsound.stop();
    rmSync(directory, { recursive: true });
  });

  it('ends with 0 where nothing is wrong, and says what it could not look at', async () => {
    const { code, out } = await run('--url', sound.url);
    assert.equal(code, 0);
    assert.match(
      out,
      /^0 errors, 0 warnings, 0 relaxations\. \d+ rules had something to look at; not these, .*sessionPlace/,
    );
  });

  it('ends with 1 where something is wrong: the rule, why, the section, and what to write instead', async () => {
    const { code, out } = await run('--url', unsound.url);
    assert.equal(code, 1);
    assert.match(
      out,
      /^error {6}pkceMissing: The metadata announce codes.*\n {2}why: {5}A code .*\(RFC 9700 §2\.1\.1\)\n {2}instead: server\.extend\(pkce\(\)\)\n\n1 error, 0 warnings/,
    );
  });

  it('prints JSON', async () => {
    for (const format of [['--format', 'json'], ['--json']]) {
      const { code, out } = await run('--url', unsound.url, ...format);
      const { findings, examined, notExamined } = JSON.parse(out);
      assert.equal(code, 1);
      assert.deepEqual(
        findings.map(({ rule, severity, section }: Record<string, string>) => [rule, severity, section]),
        [['pkceMissing', 'error', 'RFC 9700 §2.1.1']],
      );
      assert.ok(examined.includes('pkceMissing') && notExamined.includes('cookieSession'));
    }
  });

  it('examines what a module exports; a relaxation fails with --strict alone', async () => {
    const path = join(directory, 'app.mjs');
    writeFileSync(
      path,
      `import { createServer, pkce } from '${join(root, 'lib/index.ts')}';
      export const server = createServer({ issuer: 'https://as.example' }).extend(pkce({ allowPlain: true }));
      export const clients = () => [{ client_id: 'web', redirect_uris: ['https://web.example/callback'] }];
      export const somethingElse = 1;`,
    );
    const usual = await run('--module', path);
    assert.deepEqual([usual.code, usual.err], [0, '']);
    assert.match(usual.out, /^relaxation allowPlain: pkce\(\{ allowPlain: true \}\)/);
    assert.equal((await run('--module', path, '--strict')).code, 1);
  });

  it('a warning fails, and --production finds what is right on a developer’s machine only', async () => {
    const path = join(directory, 'sessions.mjs');
    writeFileSync(path, 'export const sessionOptions = {};');
    const args = ['--module', path, '--only', 'cookieSession'];
    assert.equal((await run(...args)).code, 0);
    const { code, out } = await run(...args, '--production');
    assert.equal(code, 1);
    assert.match(out, /^warning {4}cookieSession: [\s\S]*0 errors, 1 warning, 0 relaxations/);
  });

  it('examines by some of the rules', async () => {
    const { out } = await run('--url', unsound.url, '--only', 'pkceMissing,mixUp', '--json');
    assert.deepEqual(JSON.parse(out).examined, ['pkceMissing', 'mixUp']);
    const without = await run('--url', unsound.url, '--without', 'pkceMissing');
    assert.equal(without.code, 0);
  });

  it('says that a server does not answer', async () => {
    const gone = await foreignServer(soundMetadata);
    await gone.stop();
    const { code, out } = await run('--url', gone.url);
    assert.equal(code, 1);
    assert.match(out, /^error {6}serverUnreachable: http.* does not answer: .*ECONNREFUSED/);
    assert.doesNotMatch(out, /metadataMissing:/);
  });

  it('says that a name leads nowhere, and that a certificate is not trusted', async () => {
    const lost = await run('--url', 'https://as.invalid');
    assert.match(lost.out, /^error {6}serverUnreachable: https:\/\/as\.invalid does not answer: .*as\.invalid/);
    const host = await documentHost();
    const { code, out } = await run('--url', `https://localhost:${host.port}`);
    await host.close();
    assert.equal(code, 1);
    assert.match(out, /^error {6}serverUnreachable: .* does not answer: .*certificate.*\n.*\n.*NODE_EXTRA_CA_CERTS/);
  });

  it('does not end with 0 where no rule had anything to look at: nothing was found to be right', async () => {
    const gone = await foreignServer(soundMetadata);
    await gone.stop();
    const { code, out } = await run('--url', gone.url, '--only', 'pkceMissing,mixUp');
    assert.equal(code, 1);
    assert.match(out, /0 rules had something to look at/);
  });

  for (const [what, args, message] of [
    ['nothing', [], /^--url or --module is needed/],
    ['an unknown option', ['--ulr', 'https://as.example'], /^Unknown option/],
    ['an unknown format', ['--url', 'https://as.example', '--format', 'junit'], /^--format is text, json/],
    ['an unknown rule', ['--url', 'http://127.0.0.1:1', '--only', 'pkce'], /^There is no rule pkce\. The rules are/],
    ['no URL', ['--url', 'as.example'], /^as\.example is not an http or https URL/],
    ['a URL of something else', ['--url', 'urn:as.example'], /^urn:as\.example is not an http or https URL/],
    ['a word beside the options', ['https://as.example'], /^Say --url or --module before https:\/\/as\.example/],
  ] as const)
    it(`ends with 2 for ${what}`, async () => {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.match(err, /\nUsage: koauthorize doctor/);
    });

  it('ends with 2 for a file that Node cannot load, and says how it loads TypeScript', async () => {
    const path = join(directory, 'typescript-for-the-doctor.ts'); // no other module: the loader stays
    writeFileSync(path, 'export const server: object = {};');
    const loader = `export async function load(url, context, next) {
      if (!url.endsWith('/typescript-for-the-doctor.ts')) return next(url, context);
      throw Object.assign(new TypeError('Unknown file extension'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' }); // as Node 20 without tsx
    }`;
    register(`data:text/javascript,${encodeURIComponent(loader)}`);
    const { code, err } = await run('--module', path);
    assert.equal(code, 2);
    assert.match(
      err,
      /doctor\.ts is TypeScript, .*: node --import tsx node_modules\/koauthorize\/dist\/command\/main\.js /,
    );
  });

  it('ends with 2 for a module that exports nothing for it', async () => {
    const path = join(directory, 'empty.mjs');
    writeFileSync(path, 'export const target = {};');
    const { code, err } = await run('--module', path);
    assert.equal(code, 2);
    assert.match(err, /exports none of server, app, clients, store, sessionOptions/);
  });
});
