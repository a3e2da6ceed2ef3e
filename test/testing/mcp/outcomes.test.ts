/** What the exam says of servers that cannot be judged, and of one that approves everyone; and what comes of its reports. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  formatMCPReports,
  formatMCPReportsAsJSON,
  formatMCPReportsAsJUnit,
  type MCPReport,
  mcpSuite,
  runMCPChecks,
} from 'koauthorize/testing';
import { startCareless } from '../../support/mcp/careless.js';
import { startMCP } from '../../support/mcp/server.js';

describe('the exam of an MCP server', function () {
  this.timeout(60_000);

  it('fails twenty times and more on a server that approves everyone', async () => {
    const { target, stop } = await startCareless();
    const reports = await runMCPChecks(target);
    await stop();
    const failed = reports.filter(({ outcome, level }) => outcome === 'failed' && level === 'MUST');
    assert.ok(failed.length >= 20, formatMCPReports(failed));
    const names = failed.map(({ name }) => name);
    for (const name of ['unknown-token', 'verifier-wrong', 'code-once', 'redirect-uri-unknown', 'user-is-asked'])
      assert.ok(names.includes(name), name);
  });

  it('has no result for a server that is down', async () => {
    const { target, stop } = await startMCP();
    await stop();
    const reports = await runMCPChecks({ ...target, issuer: undefined });
    assert.deepEqual([...new Set(reports.map(({ outcome }) => outcome))], ['error'], formatMCPReports(reports));
    const { origin, host } = new URL(target.resource);
    assert.deepEqual(
      [...new Set(reports.map(({ detail }) => detail))],
      [`${origin} does not answer: connect ECONNREFUSED ${host}`],
    );
  });

  it('lets nothing pass that a server refuses because it refuses everything', async () => {
    const { target, stop } = await startMCP(['token']);
    const reports = await runMCPChecks(target);
    await stop();
    const refusals = ['verifier-wrong', 'unknown-code', 'unknown-token', 'code-of-another-client', 'redirect-uri-path'];
    for (const { name, outcome } of reports) if (refusals.includes(name)) assert.equal(outcome, 'error', name);
  });

  it('does not try what needs a login, where there is none', async () => {
    const { target, stop } = await startMCP();
    const only = ['metadata-pkce', 'code-once', 'denial', 'token-of-another-resource'];
    const reports = await runMCPChecks({ ...target, login: () => {}, otherResource: undefined }, { only });
    const { login: _, ...without } = target;
    const others = await runMCPChecks(without, { only });
    await stop();
    assert.deepEqual(
      reports.map(({ outcome }) => outcome),
      ['passed', 'skipped', 'error', 'skipped'],
    );
    assert.match(others.find(({ name }) => name === 'code-once')?.detail ?? '', /^no `login`/);
  });

  it('refuses a target and names that there are not', async () => {
    const resource = 'https://mcp.example';
    await assert.rejects(
      runMCPChecks({ resource, clients: [] } as never),
      /^TypeError: .*no option clients\. Did you mean client/,
    );
    await assert.rejects(runMCPChecks({ resource: 'mcp.example' }), /^TypeError: .*URL of the MCP server/);
    await assert.rejects(
      runMCPChecks({ resource }, { only: ['metadata-pkc'] }),
      /^RangeError: No check is named metadata-pkc$/,
    );
  });

  it('a choice that leaves none is a mistake: no reports would read as none that fails', async () => {
    const resource = 'https://mcp.example';
    for (const options of [{ only: [] }, { only: ['metadata-pkce'], without: ['metadata-pkce'] }]) {
      await assert.rejects(runMCPChecks({ resource }, options), /^TypeError: No check is chosen$/);
      assert.throws(() => mcpSuite({ describe: () => {}, it: () => {} }, { resource }, options), TypeError);
    }
  });
});

const report = (outcome: MCPReport['outcome'], level: MCPReport['level'], detail = ''): MCPReport => ({
  name: 'code-once',
  side: 'authorization server',
  level,
  source: 'RFC 6749 §4.1.2',
  rule: 'A code can be exchanged only once',
  outcome,
  detail,
});

describe('reports of the exam', () => {
  const reports = [report('failed', 'MUST', 'twice "<&>"\nand \u0007more'), report('passed', 'SHOULD')];

  it('are text, with MUST and SHOULD apart', () => {
    assert.equal(
      formatMCPReports(reports),
      [
        'Authorization of an MCP server, revision 2026-07-28',
        '',
        'MUST',
        'FAIL       code-once: A code can be exchanged only once (RFC 6749 §4.1.2)',
        '           twice "<&>" and \\u{7}more',
        'MUST: 0 passed, 1 failed, 0 not tried, 0 without a result',
        '',
        'SHOULD',
        'ok         code-once: A code can be exchanged only once (RFC 6749 §4.1.2)',
        'SHOULD: 1 passed, 0 failed, 0 not tried, 0 without a result',
      ].join('\n'),
    );
  });

  it('say an error once that several checks in a row ended with', () => {
    const [down, other] = [report('error', 'MUST', 'it is down'), report('error', 'MUST', 'another')];
    const text = formatMCPReports([down, down, down, other, down, report('error', 'SHOULD', 'it is down')]);
    const told = text.split('\n').filter((line) => line.startsWith('   '));
    assert.deepEqual(
      told.map((line) => line.trim()),
      ['it is down', 'another', 'it is down', 'it is down'],
    );
    assert.match(text, /^MUST: 0 passed, 0 failed, 0 not tried, 5 without a result$/m);
  });

  it('are JSON, without the errors that were thrown', () => {
    const { revision, reports: told } = JSON.parse(
      formatMCPReportsAsJSON([{ ...report('error', 'MUST'), error: new Error('x') }]),
    );
    assert.equal(revision, '2026-07-28');
    assert.deepEqual(told, [report('error', 'MUST')]);
  });

  it('are JUnit XML, in which nothing of an answer is markup or no character of XML', () => {
    const odd = report('skipped', 'SHOULD', 'no login\ufffe\ud800\u009b');
    const xml = formatMCPReportsAsJUnit([...reports, odd]);
    assert.match(xml, /<testsuite name="MCP authorization: MUST" tests="1" failures="1" errors="0" skipped="0">/);
    assert.match(xml, /<failure message="twice &quot;&lt;&amp;&gt;&quot; and \\u\{7\}more"\/><\/testcase>/);
    assert.match(xml, /<skipped message="no login\\u\{fffe\}\\u\{d800\}\\u\{9b\}"\/>/);
  });
});

describe('mcpSuite()', () => {
  it('defines a test for each check, and each says what is wrong', async () => {
    const tests = new Map<string, () => Promise<void>>();
    const groups: string[] = [];
    const framework = {
      describe(name: string, body: () => void) {
        groups.push(name);
        body();
      },
      it: (name: string, body: () => Promise<void>) => void tests.set(name.split(':')[0] ?? '', body),
    };
    const { target, stop } = await startMCP(['code-once']);
    const only = ['code-once', 'state-returned', 'metadata-scopes', 'token-of-another-resource'];
    mcpSuite(framework, { ...target, otherResource: undefined }, { only });
    assert.deepEqual(groups, [
      `MCP authorization of ${target.resource}: MUST`,
      `MCP authorization of ${target.resource}: SHOULD`,
    ]);
    assert.deepEqual([...tests.keys()].sort(), [...only].sort());
    await assert.rejects(
      tests.get('code-once')?.() ?? Promise.resolve(),
      /once\. But: it was exchanged twice \(RFC 6749/,
    );
    await assert.rejects(
      tests.get('token-of-another-resource')?.() ?? Promise.resolve(),
      /^Error: Not tried: no `otherResource`/,
    );
    await tests.get('state-returned')?.();
    await tests.get('metadata-scopes')?.();
    await stop();
  });

  it('sends each header of the target with each request, once, however the target spells it', async () => {
    const sent: (string | undefined)[] = [];
    const gates: unknown[] = [];
    const http = createServer((request, response) => {
      if (request.url === '/mcp') gates.push(request.headers['x-gate']);
      if (request.url === '/mcp' && request.method === 'POST')
        sent.push(request.headers['content-type'], request.headers.accept);
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const resource = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
    const headers = { 'Content-Type': 'application/json', ACCEPT: 'application/json', 'X-Gate': 'open' };
    await runMCPChecks(
      { resource, request: { headers } },
      { only: ['unauthorized-status', 'unauthorized-other-methods'] },
    );
    http.close();
    assert.deepEqual(new Set(sent), new Set(['application/json']));
    assert.deepEqual(gates, ['open', 'open', 'open']); // beside those of the check, too
  });
});
