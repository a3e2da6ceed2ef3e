/** The exam of MCP servers, on a server that is sound, and on the same server with one fault after another. */
import assert from 'node:assert/strict';
import { formatMCPReports, runMCPChecks } from 'koauthorize/testing';
import { checks } from '../../../lib/testing/mcp/checks.js';
import { startMCP } from '../../support/mcp/server.js';

const names = checks.map(({ name }) => name);

describe('checks of MCP servers', function () {
  this.timeout(60_000);

  it('are 80 or more, each with a name of its own, a rule and its source', () => {
    assert.ok(names.length >= 80, `${names.length}`);
    assert.equal(new Set(names).size, names.length);
    for (const { name, rule, source } of checks) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.match(rule, /^[A-Z].{15,}[^.]$/, name);
      assert.match(source, /^(MCP 2026-07-28, .+|RFC \d+ §[\d.]+.*|OpenID Connect .+ §[\d.]+|draft-.+ §[\d.]+)$/, name);
    }
  });

  it('all pass on a sound server', async () => {
    const { target, stop } = await startMCP();
    const reports = await runMCPChecks(target);
    await stop();
    const others = reports.filter(({ outcome }) => outcome !== 'passed');
    assert.deepEqual(others, [], formatMCPReports(others));
  });

  describe('on a server with one fault', () => {
    for (const name of names)
      it(`${name} fails`, async () => {
        const { target, stop } = await startMCP([name]);
        const [report] = await runMCPChecks(target, { only: [name] });
        await stop();
        assert.equal(report?.outcome, 'failed', report?.detail);
        assert.notEqual(report?.detail, '');
      });
  });
});
