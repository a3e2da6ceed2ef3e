/** `koauthorize migrate` on projects that a stranger has made. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../../lib/command/migrate/read.js';
import { filesBelow, type NotRead } from '../../../lib/command/migrate/walk.js';
import { foundIn, newProject, type Project } from './project.js';

const USES = { 'package.json': JSON.stringify({ dependencies: { oauth2orize: '1.12.0' } }) };
const CALL = 'server.decision();\n';

/** Everything that a terminal takes for more than text, but the end of a line. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const unseenIn = (text: string): string[] => (text.match(UNSEEN) ?? []).filter((character) => character !== '\n');

describe('koauthorize migrate, on hostile projects', function () {
  this.timeout(30_000);
  let project: Project;
  beforeEach(() => {
    project = newProject();
    project.write(USES);
  });
  afterEach(() => project.remove());

  it('names a file that is too large, and does not read it', async () => {
    project.write({ 'large.js': CALL.repeat((50 * 2 ** 20) / CALL.length), 'small.js': CALL });
    const report = await project.report();
    assert.deepEqual(foundIn(report), ['decision small.js:1']);
    assert.deepEqual(report.notRead, [{ path: 'large.js', why: 'it has more than 1048576 bytes' }]);
  });

  it('names a file that is binary, or that is JSON no more', async () => {
    project.write({ 'binary.js': Buffer.from(`${CALL}\0`), 'broken/package.json': '{', 'empty/package.json': 'null' });
    const report = await project.report();
    assert.deepEqual(foundIn(report), []);
    const names = report.notRead.map(({ path, why }) => `${path}: ${why}`).sort();
    assert.deepEqual(names, ['binary.js: it is binary: it has NUL bytes', 'broken/package.json: it is not JSON']);
  });

  it('reads text that is not UTF-8, and package.json of any shape', async () => {
    project.write({
      'latin.js': Buffer.concat([Buffer.from([0xff, 0xfe, 0xe4, 0x0a]), Buffer.from(CALL)]),
      'a/package.json': '{"dependencies":["oauth2orize"],"devDependencies":"oauth2orize","__proto__":{"x":1}}',
      'b/package.json': '{"dependencies":{"oauth2orize":{"toString":1}}}',
    });
    const report = await project.report();
    assert.deepEqual(foundIn(report), ['decision latin.js:2']);
    assert.deepEqual(
      report.libraries[0]?.packages.map(({ file }) => file),
      ['package.json', 'b/package.json'],
    );
  });

  it('prints file names, sources and versions without control characters for the terminal', async () => {
    const commands = '\u001b]0;owned\u0007\u001b[2J\u202e\u2028\u009b31m';
    const line = `require('oauth2orize'); server.grant\u001b(\`x\`); server.decision${commands}(); oauth2orize\u200b.x;\n`;
    project.write({
      [`${commands}.js`]: `const oauth2orize = ${line}${CALL}oauth2orize.unknown\u001b[31m();\n`,
      [`${commands}.min\u001b.js`]: Buffer.from('\0'),
      '```\n# A line of ours.js': CALL,
      [`${commands}/package.json`]: JSON.stringify({ dependencies: { oauth2orize: commands } }),
    });
    for (const options of [[], ['--json']]) {
      const { code, out, err } = await project.migrate(...options);
      assert.equal(code, 0);
      assert.deepEqual(unseenIn(out + err), []);
    }
    const { out } = await project.migrate();
    assert.doesNotMatch(out, /^# A line of ours/m);
    assert.match(out, /^ {2}``` # A line of ours\.js:1 \.decision\($/m);
    assert.match(out, /\\u\{1b\}\]0;owned/);
    assert.equal((await project.report()).libraries[0]?.packages[0]?.range, '1.12.0');
  });

  it('shows only the name of the call from a source line, because the rest may be a secret', async () => {
    project.write({
      'secret.ts': `import { AuthorizationServer } from '@jmondi/oauth2-server';
const server = new AuthorizationServer(clients, tokens, scopes, 'a secret of JwtService');
AuthorizationServer.of('another secret');
const jwt = new JwtService('a third secret');
`,
    });
    for (const options of [[], ['--json']]) {
      const { out } = await project.migrate(...options);
      assert.match(out, /secret\.ts/);
      assert.doesNotMatch(out, /a secret of|another secret|a third secret/);
    }
  });

  it('does not follow symbolic links, and reads regular files only', async () => {
    const outside = newProject();
    outside.write({ 'outside.js': CALL });
    mkdirSync(join(project.folder, 'src'));
    symlinkSync(outside.folder, join(project.folder, 'src', 'away'));
    symlinkSync(join(outside.folder, 'outside.js'), join(project.folder, 'away.js'));
    symlinkSync(project.folder, join(project.folder, 'src', 'round'));
    execFileSync('mkfifo', [join(project.folder, 'pipe.js')]);
    const report = await project.report();
    outside.remove();
    assert.deepEqual(foundIn(report), []);
    const names = report.notRead.map(({ path, why }) => `${path}: ${why}`).sort();
    const link = 'it is a symbolic link';
    assert.deepEqual(names, [`away.js: ${link}`, 'pipe.js: it is no file', `src/away: ${link}`, `src/round: ${link}`]);
  });

  it('looks at so many entries, in one folder and in all of them, and says where it ended', () => {
    project.write({ 'b/a.js': CALL, 'b/b.js': CALL, 'b/c.js': CALL, 'c/a.js': CALL });
    const walked = (most: number) => {
      const notRead: NotRead[] = [];
      return { read: [...filesBelow({ folder: project.folder, notRead }, most)].length, notRead };
    };
    const why = (most: number) => `the project has more than ${most} entries: the rest was not read`;
    assert.deepEqual(walked(8), { read: 5, notRead: [] });
    assert.deepEqual(walked(6), { read: 4, notRead: [{ path: 'b', why: why(6) }] });
    assert.deepEqual(walked(5), { read: 3, notRead: [{ path: 'b', why: why(5) }] });
  });

  it('names folders of code that a program made or others wrote, and does not read them', async () => {
    project.write({
      'dist/a.js': CALL,
      'coverage/a.js': CALL,
      'bower_components/a.js': CALL,
      'node_modules/a.js': CALL,
    });
    const report = await project.report();
    assert.deepEqual(foundIn(report), []);
    assert.deepEqual(report.notRead.map(({ path }) => path).sort(), ['bower_components', 'coverage', 'dist']);
  });

  it('names a folder that cannot be read, and goes on', () => {
    project.write({ 'a.js': CALL, 'b/a.js': CALL, 'c/a.js': CALL });
    const notRead: NotRead[] = [];
    const read: string[] = [];
    for (const { path } of filesBelow({ folder: project.folder, notRead })) {
      read.push(path);
      if (path === 'a.js') rmSync(join(project.folder, 'b'), { recursive: true });
    }
    assert.deepEqual(read, ['a.js', 'package.json', 'c/a.js']);
    assert.deepEqual(notRead, [{ path: 'b', why: 'the folder cannot be read (ENOENT)' }]);
  });

  it('follows no symbolic link that took the place of a file while the folder was read', () => {
    const outside = newProject();
    outside.write({ 'secret.js': CALL });
    project.write({ 'a.js': CALL, 'b.js': CALL, 'c.js': CALL });
    const notRead: NotRead[] = [];
    const read: string[] = [];
    for (const { path } of filesBelow({ folder: project.folder, notRead })) {
      read.push(path);
      if (path !== 'a.js') continue;
      rmSync(join(project.folder, 'b.js'));
      symlinkSync(join(outside.folder, 'secret.js'), join(project.folder, 'b.js'));
      rmSync(join(project.folder, 'c.js'));
    }
    outside.remove();
    assert.deepEqual(read, ['a.js', 'package.json']);
    const why = (code: string): string => `it cannot be read (${code})`;
    assert.deepEqual(notRead, [
      { path: 'b.js', why: why('ELOOP') },
      { path: 'c.js', why: why('ENOENT') },
    ]);
  });

  it('reads a file that is shorter than its size says, such as those that a kernel makes, and closes each', function () {
    const made = '/sys/kernel/mm/transparent_hugepage/enabled'; // it says that it has 4,096 bytes
    if (!existsSync(made)) this.skip();
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let time = 0; time < 10; time++) assert.deepEqual(readText(made), { text: readFileSync(made, 'utf8') });
    assert.equal(open(), before);
  });

  it('goes no deeper than a project goes', async () => {
    const path = `${'d/'.repeat(60)}a.js`;
    project.write({ [path]: CALL, [`${'d/'.repeat(50)}a.js`]: CALL });
    const report = await project.report();
    assert.deepEqual(foundIn(report), [`decision ${'d/'.repeat(50)}a.js:1`]);
    assert.match(report.notRead[0]?.why ?? '', /more than 50 folders deep/);
  });

  it('shows 30 lines of a list, and how many more there are; --json has all', async () => {
    project.write({ 'many.js': CALL.repeat(1000) });
    const { out } = await project.migrate();
    assert.match(out, /^ {2}many\.js:30 \.decision\(\n {2}\.\.\. and 970 more, which --json has\n```$/m);
    assert.equal(foundIn(await project.report()).length, 1000);
  });
});
