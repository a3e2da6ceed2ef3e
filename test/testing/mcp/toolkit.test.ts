/** The exam of MCP servers, on one that is built with the toolkit. */
import assert from 'node:assert/strict';
import { formatMCPReports, runMCPChecks } from 'koauthorize/testing';
import { named, startToolkit } from '../../support/mcp/toolkit.js';

describe('an MCP server of the toolkit', function () {
  this.timeout(60_000);

  it('passes every check of the exam, where its application asks for the name of clients with a document', async () => {
    const { target, stop } = await startToolkit({ client: named });
    // its access tokens are opaque, so there are no keys; and there is no OpenID Connect
    const reports = await runMCPChecks(target, { without: ['id-token-at-api', 'keys-public', 'token-audience'] });
    await stop();
    const others = reports.filter(({ outcome }) => outcome !== 'passed');
    assert.deepEqual(others, [], formatMCPReports(others));
  });

  it('fails one check without that', async () => {
    const { target, stop } = await startToolkit();
    const reports = await runMCPChecks(target);
    await stop();
    const failed = reports.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['document-client-name'],
    );
  });
});
