/** The program `koauthorize`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../lib/command/run.js';
import { root } from '../run.js';
import { startCareless } from '../support/mcp/careless.js';
import { type RunningMCP, startMCP } from '../support/mcp/server.js';
import { readXML } from '../support/xml.js';

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join(''), err: err.join('') };
}

describe('koauthorize', function () {
  this.timeout(60_000);
  let sound: RunningMCP;
  let directory: string;
  before(async () => {
    sound = await startMCP();
    directory = mkdtempSync(join(tmpdir(), 'koauthorize-command-'));
  });
  after(async () => {
    await sound.stop();
    rmSync(directory, { recursive: true });
  });

  it('prints its usage and ends with 2 for no command, and for one that there is not', async () => {
    for (const args of [[], ['mcp-chekc'], ['toString']]) {
      const { code, out, err } = await run(...args);
      assert.deepEqual([code, out], [2, '']);
      const [name] = args;
      assert.equal(err.startsWith(name === undefined ? 'Usage: ' : `There is no command ${name}.\n\nUsage: `), true);
      assert.match(err, /^Usage: koauthorize <command>[\s\S]*^ {2}mcp-check +examines/m);
    }
  });

  it('prints its usage and ends with 0 where it is asked for it', async () => {
    for (const [args, usage] of [
      [['--help'], /^Usage: koauthorize <command>/],
      [['mcp-check', '--help'], /^Usage: koauthorize mcp-check/],
    ] as const) {
      const { code, out } = await run(...args);
      assert.equal(code, 0);
      assert.match(out, usage);
    }
  });

  for (const [what, args, message] of [
    ['no resource', [], /^--resource is needed/],
    ['an unknown option', ['--resource', 'https://mcp.example', '--resourec', 'x'], /^Unknown option/],
    ['an unknown format', ['--resource', 'https://mcp.example', '--format', 'xml'], /^--format is text, json, junit/],
    [
      'two authorization servers',
      ['https://a.example', 'https://b.example', '--resource', 'https://mcp.example'],
      /^There is one/,
    ],
    [
      'a client without a redirect URI',
      ['--resource', 'https://mcp.example', '--client-id', 'x'],
      /^--client-id needs/,
    ],
    ['an unknown check', ['--resource', 'https://mcp.example', '--only', 'x'], /^No check is named x/],
    ['a resource that is no URL', ['--resource', 'mcp.example'], /^The MCP target needs the URL/],
  ] as const)
    it(`mcp-check ends with 2 for ${what}`, async () => {
      const { code, err } = await run('mcp-check', ...args);
      assert.equal(code, 2);
      assert.match(err, message);
    });

  it('mcp-check ends with 0 on a server whose metadata is sound', async () => {
    const { code, out } = await run('mcp-check', '--resource', sound.target.resource);
    assert.equal(code, 0, out);
    assert.match(out, /^ok {9}metadata-pkce/m);
    assert.match(out, /^not tried {2}code-once/m);
  });

  it('mcp-check ends with 1 on a server that approves everyone', async () => {
    const { target, stop } = await startCareless();
    assert.equal((await run('mcp-check', '--resource', target.resource)).code, 1);
    await stop();
  });

  it('mcp-check ends with 1 on a server that is down: it says so once, and why', async () => {
    const { target, stop } = await startCareless();
    await stop();
    const { origin, host } = new URL(target.resource);
    const { code, out } = await run('mcp-check', '--resource', target.resource);
    assert.equal(code, 1);
    assert.equal(
      out.replace(/\d+/, 'N'),
      `None of N checks has a result: ${origin} does not answer: connect ECONNREFUSED ${host}\n`,
    );
  });

  it('mcp-check ends with 1 for a SHOULD with --strict only', async () => {
    const { target, stop } = await startMCP(['metadata-scopes']);
    const args = ['mcp-check', '--resource', target.resource, '--only', 'metadata-scopes,metadata-json'];
    assert.equal((await run(...args)).code, 0);
    assert.equal((await run(...args, '--strict')).code, 1);
    await stop();
  });

  it('mcp-check ends with 1 for what was not tried with --strict only, and calls it an error in JUnit XML then', async () => {
    const args = [
      'mcp-check',
      '--resource',
      sound.target.resource,
      '--only',
      'metadata-json,token-of-another-resource',
    ];
    assert.equal((await run(...args)).code, 0);
    const { code, out } = await run(...args, '--strict');
    assert.equal(code, 1);
    assert.match(out, /^not tried {2}token-of-another-resource/m);
    const { out: xml } = await run(...args, '--strict', '--format', 'junit');
    assert.match(xml, /<error message="It could not be tried: no `otherResource`"\/>/);
    assert.match((await run(...args, '--format', 'junit')).out, /<skipped message="no `otherResource`"\/>/);
  });

  it('mcp-check --other-resource, as often as it stands there, names what tokens are tried for', async () => {
    const { issuer = '', resource } = sound.target;
    const path = join(directory, 'with-login.mjs');
    const login = `async (visitor) => visitor.submit(await visitor.get('${issuer}/login'), { user: 'alice' })`;
    writeFileSync(path, `export const target = { resource: '${resource}', login: ${login} };`);
    const others = [sound.target.otherResource ?? []].flat().flatMap((each) => ['--other-resource', each]);
    assert.equal(others.length, 4);
    const only = 'token-of-another-resource,token-of-a-longer-resource';
    const { code, out } = await run('mcp-check', '--target', path, ...others, '--only', only, '--strict');
    assert.equal(code, 0, out);
  });

  it('mcp-check takes the issuer, a client, and what a module exports', async () => {
    const { issuer = '', resource } = sound.target;
    const path = join(directory, 'target.mjs');
    const login = `async (visitor) => visitor.submit(await visitor.get('${issuer}/login'), { user: 'alice' })`;
    writeFileSync(path, `export const target = { resource: '${resource}', login: ${login} };`);
    const { code, out } = await run('mcp-check', issuer, '--target', path, '--only', 'code-once', '--format', 'json');
    assert.equal(code, 0, out);
    assert.equal(JSON.parse(out).reports[0].outcome, 'passed');
    writeFileSync(join(directory, 'nothing.mjs'), 'export const nothing = 1;');
    const empty = await run('mcp-check', '--target', join(directory, 'nothing.mjs'));
    assert.match(`${empty.code} ${empty.err}`, /^2 .*nothing\.mjs exports no target/);
  });

  it('mcp-check writes JUnit XML', async () => {
    const { out } = await run(
      'mcp-check',
      '--resource',
      sound.target.resource,
      '--only',
      'metadata',
      '--format',
      'junit',
    );
    assert.equal(readXML(out.trimEnd()).name, 'testsuites');
    const path = join(directory, 'mcp.xml');
    await run('mcp-check', '--resource', sound.target.resource, '--only', 'metadata', '--junit', path);
    assert.equal(readFileSync(path, 'utf8'), out.trimEnd().concat('\n'));
  });

  for (const [command, option] of [
    ['mcp-check', '--target'],
    ['attack', '--target'],
    ['doctor', '--module'],
  ] as const)
    it(`${command} says that a module is not there, or is a folder, or fails`, async () => {
      for (const path of [join(directory, 'nope.mjs'), directory]) {
        const { code, err } = await run(command, option, path);
        assert.deepEqual([code, err.split('\n')[0]], [2, `There is no file ${path}`]);
      }
      const path = join(directory, `failing-${command}.mjs`);
      writeFileSync(path, "throw new Error('no database');");
      const { code, err } = await run(command, option, path);
      assert.equal(code, 1);
      assert.match(err, /failing-[\w-]+\.mjs could not be loaded: Error: no database\n +at .*failing-/);
      assert.doesNotMatch(err, /Usage/);
    });

  it('init says that a file is where the folder would be', async () => {
    const path = join(directory, 'a-file');
    writeFileSync(path, '');
    const { code, err } = await run('init', path, '--yes');
    assert.equal(code, 2);
    assert.match(err, /^ENOTDIR: .*\n$/);
  });

  it('ends though a module that it has loaded keeps a connection open', async () => {
    const path = join(directory, 'open.mjs');
    writeFileSync(path, 'setInterval(() => {}, 1000); export const clients = [];');
    const args = [
      '--import',
      join(root, 'test/register.mjs'),
      join(root, 'lib/command/main.ts'),
      'doctor',
      '--module',
      path,
    ];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    assert.ok(code === 0 || code === 1, String(code));
    assert.match(out, /rules had something to look at.*\n$/s);
  });

  it('is the program of package.json, which npm starts by a link', async () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const source = join(root, bin.koauthorize.replace('dist/', 'lib/').replace(/\.js$/, '.ts'));
    assert.match(readFileSync(source, 'utf8'), /^#!\/usr\/bin\/env node\n/);
    const link = join(directory, 'koauthorize.ts');
    symlinkSync(source, link);
    const code = await new Promise((resolve) => {
      const args = ['--import', join(root, 'test/register.mjs'), link, 'nothing'];
      spawn(process.execPath, args, { cwd: root, stdio: 'ignore' }).on('exit', resolve);
    });
    assert.equal(code, 2);
  });
});
