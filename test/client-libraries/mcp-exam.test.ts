/** The exam of MCP servers, run on examples/mcp. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import {
  formatMCPReports,
  type MCPDocument,
  type MCPDocuments,
  type MCPTarget,
  runMCPChecks,
} from 'koauthorize/testing';
import { runCommand } from '../../lib/command/run.js';
import type { DocumentHost } from '../support/document-host.js';
import { type Example, startExample } from './mcp/example.js';

/** What is not tried, by what examples/mcp has not. */
const NOT_TRIED = {
  registration: [
    'registration',
    'registration-echo',
    'registration-secret-expiry',
    'registration-http',
    'registration-script',
    'registration-fragment',
    'registration-without-redirect-uri',
    'registration-error',
    'wrong-secret',
  ],
  'keys, and JWTs': ['keys-public', 'id-token-at-api', 'token-audience'],
  'a second user': ['dialog-of-another-user', 'session-of-another-user'],
  'a second MCP server': ['token-of-another-resource', 'token-of-a-longer-resource'],
  'a clock that can be turned': ['expired-token'],
} as const;

/** The exam publishes there what it wants, whatever its status. */
function publishingAt(host: DocumentHost): MCPDocuments {
  const published = new Map<string, MCPDocument>();
  const counts = new Map<string, number>();
  host.answer = ({ url = '' }, response) => {
    counts.set(url, (counts.get(url) ?? 0) + 1);
    const { status = 200, headers = {}, body } = published.get(url) ?? { status: 404, body: '' };
    response.writeHead(status, headers).end(body);
  };
  const pathOf = (url: string): string => url.slice(host.origin.length);
  return {
    publish(path, documentAt) {
      const url = `${host.origin}${path}`;
      published.set(path, documentAt(url));
      return url;
    },
    fetches: (url) => counts.get(pathOf(url)) ?? 0,
  };
}

describe('the exam of examples/mcp', function () {
  this.timeout(120_000);
  if (!existsSync(new URL('../../examples/mcp/node_modules', import.meta.url))) {
    it.skip('is not installed: npm run test:clients');
    return;
  }
  let example: Example;
  before(async () => {
    example = await startExample();
  });
  after(() => example.stop());

  it('mcp-check ends with 0: all that is seen without a login is as it must be, and as it should be', async () => {
    const [out, err]: [string[], string[]] = [[], []];
    const output = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
    assert.equal(await runCommand(['mcp-check', '--resource', `${example.url}/mcp`], output), 0, out.join(''));
    assert.match(out.join(''), /^ok {9}metadata-documents/m);
    assert.match(out.join(''), /^SHOULD: \d+ passed, 0 failed/m);
  });

  it('it passes every check that can be tried on it', async () => {
    const { url, documents } = example;
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'add_note', arguments: { text: 'x' } },
    };
    const target: MCPTarget = {
      resource: `${url}/mcp`,
      documents: publishingAt(documents),
      stepUp: { scope: 'notes:read', request: { headers, body: JSON.stringify(call) } },
      async login(visitor) {
        await visitor.submit(await visitor.get(`${url}/login`), { user: 'alice', password: 'wonderland' });
      },
      grace: 10,
    };
    const reports = await runMCPChecks(target);
    const notPassed = reports.filter(({ outcome }) => outcome !== 'passed' && outcome !== 'skipped');
    assert.deepEqual(notPassed, [], formatMCPReports(notPassed));
    const skipped = reports.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name);
    assert.deepEqual(new Set(skipped), new Set(Object.values(NOT_TRIED).flat()));
  });
});
