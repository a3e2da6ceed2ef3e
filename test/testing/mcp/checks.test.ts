/** The exam of MCP servers, on a server that is sound, and on the same server with one fault after another. */
import assert from 'node:assert/strict';
import { formatMCPReports, runMCPChecks } from 'koauthorize/testing';
import { checks } from '../../../lib/testing/mcp/checks.js';
import { startMCP } from '../../support/mcp/server.js';

/** Other ways to break the same rules, which the check of the name before the colon finds, too. */
const VARIANTS = ['session-is-no-token:made-up'];

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
    for (const flaw of [...names, ...VARIANTS])
      it(`${flaw} fails`, async () => {
        const [name = ''] = flaw.split(':');
        const { target, stop } = await startMCP([flaw]);
        const [report] = await runMCPChecks(target, { only: [name] });
        await stop();
        assert.equal(report?.outcome, 'failed', report?.detail);
        assert.notEqual(report?.detail, '');
      });
  });

  describe('of a server whose fault no other check sees', () => {
    const faults = ['session-is-no-token', ...VARIANTS, 'session-of-another-user', 'token-of-a-longer-resource'];
    for (const flaw of faults)
      it(`${flaw}: this one fails, and no other`, async () => {
        const { target, stop } = await startMCP([flaw]);
        const others = (await runMCPChecks(target)).filter(({ outcome }) => outcome !== 'passed');
        await stop();
        assert.deepEqual(
          others.map(({ name, outcome }) => [name, outcome]),
          [[flaw.split(':')[0], 'failed']],
          formatMCPReports(others),
        );
      });
  });
});
