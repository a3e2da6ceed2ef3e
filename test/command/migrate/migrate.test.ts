/** `koauthorize migrate`: what it finds in projects, how it says so, and that it changes nothing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type } from '../terminal.js';
import { foundIn, newProject, type Project } from './project.js';

const manifest = (dependencies: Readonly<Record<string, string>>): string => JSON.stringify({ dependencies });

/** An authorization server for Express, as the README of oauth2orize has its parts. */
const EXPRESS = {
  'package.json': manifest({ express: '^4.21.0', oauth2orize: '^1.12.0', passport: '^0.7.0' }),
  'oauth/server.js': `var oauth2orize = require('oauth2orize')
  , passport = require('passport');

var server = oauth2orize.createServer();

server.serializeClient(function (client, done) { done(null, client.id); });
server.deserializeClient(function (id, done) { db.clients.byID(id, done); });

server.grant(
  oauth2orize.grant.code(function (client, redirectURI, user, ares, done) {
    db.codes.make(client, redirectURI, user, ares.scope, done);
  })
);
server.exchange(oauth2orize.exchange.code(function (client, code, redirectURI, done) {
  db.codes.redeem(code, done);
}));

exports.authorization = [
  login.ensureLoggedIn(),
  server.authorization(function (id, redirectURI, done) { db.clients.byID(id, done); }),
  function (req, res) { res.render('dialog', { id: req.oauth2.transactionID }); },
];
exports.decision = [login.ensureLoggedIn(), server.decision()];
exports.token = [
  passport.authenticate(['basic', 'oauth2-client-password'], { session: false }),
  server.token(),
  server.errorHandler(),
];
`,
  'api.js': `app.get('/api/me', passport.authenticate('bearer', { session: false }), me);\n`,
};

describe('koauthorize migrate', () => {
  let project: Project;
  beforeEach(() => {
    project = newProject();
  });
  afterEach(() => project.remove());

  it('names each part of a server like that of the README of oauth2orize, by file and line', async () => {
    project.write(EXPRESS);
    const report = await project.report();
    assert.deepEqual(report.libraries[0]?.notUnderstood, []);
    assert.deepEqual(foundIn(report), [
      'create-server oauth/server.js:4',
      'grant-code oauth/server.js:10',
      'exchange-code oauth/server.js:14',
      'authorization oauth/server.js:20',
      'decision oauth/server.js:23',
      'token oauth/server.js:26',
      'error-handler oauth/server.js:27',
      'serialize-client oauth/server.js:6',
      'serialize-client oauth/server.js:7',
      'passport-client oauth/server.js:25',
      'passport-bearer api.js:1',
      'dialog-state oauth/server.js:21',
    ]);
  });

  it('says for each part what to write, what changes for clients, which option keeps it, and where to read more', async () => {
    project.write(EXPRESS);
    const { code, out } = await project.migrate();
    assert.equal(code, 0);
    assert.match(out, /^3 files were read\. Found: oauth2orize\.$/m);
    const part =
      /^### exchange-code: .*\n\n```text\n {2}oauth\/server\.js:14 exchange\.code\(\n```\n\nInstead:\n\n```ts\n[\s\S]*?server\.exchange\([\s\S]*?```\n\nFor clients: .*\n\nMore: docs\//m;
    assert.match(out, part);
    assert.match(out, /^To keep it for a while, which gives up [\s\S]*?allowTokenInQuery: true/m);
    const titles = ['### Steps', '### The new server', '### Search your code for', '### Not understood'];
    for (const title of titles) assert.ok(out.includes(`\n${title}\n`), title);
    const steps = [...out.matchAll(/^\d\. .*$/gm)].map(([step]) => step);
    assert.equal(steps.length, 8);
    const order = ['new server beside', 'doctor', 'Adopt', 'Cut over', 'Remove oauth2orize'];
    const at = order.map((words) => steps.findIndex((step) => step.includes(words)));
    assert.deepEqual(
      at,
      at.toSorted((a, b) => a - b),
    );
    assert.ok(!at.includes(-1), `${at}`);
  });

  it('writes legacy() once, with the options of all parts that need it: a second one would be an error at start', async () => {
    project.write({
      'package.json': manifest({ oauth2orize: '^1.12.0' }),
      'server.js': `import oauth2orize from 'oauth2orize';
server.grant(oauth2orize.grant.token(issueToken));
server.exchange(oauth2orize.exchange.password(verify));
`,
    });
    const { out } = await project.migrate();
    const reports = [out, (await project.migrate('--json')).out];
    for (const report of reports) {
      assert.deepEqual(report.match(/legacy<.*?\}\)/g), [
        'legacy<App, User>({ allowImplicit: true, allowPassword: true })',
      ]);
      assert.equal(report.match(/import \{ legacy \}/g)?.length, 1);
    }
    assert.match(out, /### grant-token: [^#]*server\.grant\(grant\.token\(tokens\.token\)\);[^#]*legacy</);
    const other =
      /### exchange-password: [^#]*server\.exchange\(exchange\.password\(tokens\.password\)\);.*\n\/\/ allowPassword is in legacy\(\) of the part grant-token/;
    assert.match(out, other);
  });

  it('names immediate of oauth2orize and of oauth2orize-koa, and no callback of another part', async () => {
    const found = [
      '}, (client, user, done) => done(null, client.isTrusted)),',
      '  function (client, user, scope, done) {',
      '}, async (client, user, scope, type, areq) => client.trusted),',
      'app.get("/a", server.authorize(findClient, immediate), page);',
      'app.get("/a", server.authorization(clients.find, consents.covers, page));',
      '}, async (client) => !client.thirdParty),',
      'const immediate = mayPass;',
    ];
    const others = [
      'server.grant(oauth2orize.grant.token((client, user, ares, done) => issue(user, done)));',
      '  (client, user, ares, done) => issue(user, done),',
      'server.serializeClient((client) => client.id);',
      'app.get("/a", server.authorize(findClient), page);',
      'server.exchange(oauth2orize.exchange.clientCredentials((client, scope, done) => issue(done)));',
      'setImmediate(done);',
    ];
    project.write({
      'package.json': manifest({ oauth2orize: '^1.12.0' }),
      'found.js': `import oauth2orize from 'oauth2orize';\n${found.join('\n')}\n`,
      'others.js': `import oauth2orize from 'oauth2orize';\n${others.join('\n')}\n`,
    });
    const parts = foundIn(await project.report()).filter((each) => each.startsWith('immediate '));
    assert.deepEqual(
      parts,
      found.map((_line, index) => `immediate found.js:${index + 2}`),
    );
  });

  it('names what uses the library, and no rule recognizes', async () => {
    project.write({
      'package.json': manifest({ 'oauth2orize-koa': '^1.3.2' }),
      'server.mjs': `import {
  createServer,
  grant as grants,
} from 'oauth2orize-koa';
import other from 'oauth2orize-unheard-of';

const server = createServer();
server._parse(request);
Object.values(grants).forEach(plugIn);
`,
    });
    const [library] = (await project.report()).libraries;
    assert.deepEqual(library?.notUnderstood, [
      { file: 'server.mjs', line: 5, text: 'oauth2orize-unheard-of' },
      { file: 'server.mjs', line: 8, text: 'server._parse' },
      { file: 'server.mjs', line: 9, text: 'grants' },
    ]);
    assert.match(
      (await project.migrate()).out,
      /no rule recognizes them:\n\n```text\n {2}server\.mjs:5 oauth2orize-unh/,
    );
  });

  it('tells to look at what looks alike, in files that show no other sign of the library', async () => {
    project.write({
      'server.js': `const oauth = require('oauth2orize').createServer();\n`,
      'routes.js': `app.post('/token', ours.token());\n`,
    });
    const report = await project.report();
    assert.deepEqual(foundIn(report), ['create-server server.js:1']);
    const place = { file: 'routes.js', line: 1, text: '.token(' };
    const [alike] = report.libraries[0]?.searchFor ?? [];
    assert.deepEqual(alike, { rule: 'token', why: 'the token endpoint', places: [place] });
    assert.match((await project.migrate()).out, /These lines look alike[\s\S]*routes\.js:1 \.token\( \(token: /);
  });

  it('takes a file for one of the library that has something of it alone, without importing it', async () => {
    project.write({
      'package.json': manifest({ 'oidc-provider': '^9.0.0' }),
      'configuration.js': 'export const configuration = {\n  findAccount: find,\n  ttl: { AccessToken: 60 },\n};\n',
      'other.js': 'export const cache = { ttl: 60 };\n',
    });
    const found = foundIn(await project.report());
    assert.deepEqual(found, ['find-account configuration.js:2', 'lifetimes configuration.js:3']);
  });

  it('leaves out comments, imports, and files that have moved', async () => {
    project.write({
      'package.json': manifest({ oauth2orize: '^1.12.0' }),
      'commented.js': `// server.decision()\n/* server.decision() */\n * server.decision()\n`,
      'moved.js': `import { grant } from 'koauthorize';\nserver.grant(grant.code(tokens.code));\n`,
    });
    assert.deepEqual(foundIn(await project.report()), []);
  });

  it('reads JavaScript and TypeScript of each kind, and package.json of each folder', async () => {
    const kinds = ['js', 'cjs', 'mjs', 'ts', 'cts', 'mts', 'jsx', 'tsx'];
    const call = 'server.decision();\n';
    project.write({
      'packages/server/package.json': manifest({ oauth2orize: '1.12.0' }),
      'node_modules/oauth2orize/package.json': manifest({ 'oauth2orize-koa': '1.0.0' }),
      'node_modules/oauth2orize/index.js': call,
      '.cache/a.js': call,
      'a.d.ts': call,
      'notes.md': call,
      ...Object.fromEntries(kinds.map((kind) => [`src/a.${kind}`, call])),
    });
    const report = await project.report();
    assert.deepEqual(foundIn(report).sort(), kinds.map((kind) => `decision src/a.${kind}:1`).sort());
    const [library, ...more] = report.libraries;
    assert.deepEqual(more, []);
    assert.deepEqual(library?.packages, [
      { name: 'oauth2orize', range: '1.12.0', file: 'packages/server/package.json' },
    ]);
  });

  it('ends with 1, and says so, for a project without any of the libraries', async () => {
    project.write({
      'package.json': manifest({ koa: '3' }),
      'server.js': "require('http').createServer().listen();\n",
    });
    const { code, out } = await project.migrate();
    assert.equal(code, 1);
    assert.match(out, /^2 files were read\. None of the libraries that migrate knows was found/m);
    assert.match(
      out,
      /It knows oauth2orize, oauth2orize-koa, @jmondi\/oauth2-server, @node-oauth\/oauth2-server, oidc-provider\./,
    );
  });

  it('changes nothing but --output, which it never replaces', async () => {
    project.write(EXPRESS);
    const before = readdirSync(project.folder, { recursive: true, encoding: 'utf8' }).sort();
    const output = join(project.folder, 'report.md');
    const { code, out } = await project.migrate('--output', output);
    assert.deepEqual([code, out], [0, '']);
    assert.match(readFileSync(output, 'utf8'), /^# Coming over to koauthorize\n/);
    const after = readdirSync(project.folder, { recursive: true, encoding: 'utf8' }).sort();
    assert.deepEqual(after, [...before, 'report.md'].sort());
    for (const [path, text] of Object.entries(EXPRESS))
      assert.equal(readFileSync(join(project.folder, path), 'utf8'), text);
    const again = await project.migrate('--output', output, '--json');
    assert.equal(again.code, 1);
    assert.match(again.err, /report\.md was not written: it is there already\n$/);
    const link = join(project.folder, 'link.md');
    symlinkSync(join(project.folder, 'elsewhere.md'), link);
    assert.equal((await project.migrate('--output', link)).code, 1);
    assert.ok(!readdirSync(project.folder).includes('elsewhere.md'));
  });

  it('ends with 2 for a folder that does not exist, for a file, for two folders, and for an unknown option', async () => {
    project.write({ file: '' });
    const wrong = [
      [join(project.folder, 'nowhere')],
      [join(project.folder, 'file')],
      [project.folder, project.folder],
      [project.folder, '--outptu', 'x'],
      [project.folder, '--format', 'xml'],
    ];
    for (const args of wrong) assert.equal((await type(['migrate', ...args])).code, 2, `${args}`);
  });
});
