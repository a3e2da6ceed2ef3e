/** The MCP SDKs, unpatched, against examples/mcp: a client that nobody has registered logs in, refreshes, and asks for more when it is told to. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { withLibrary } from './libraries.js';
import { type Example, startExample } from './mcp/example.js';
import { CALLBACK, Host, type Session, sessionOf } from './mcp/host.js';
import { type Library, loadFirst, loadSecond } from './mcp/library.js';

const NOTE = { name: 'add_note', arguments: { text: 'hello' } };

/** @param refreshesFirst whether it answers a 403 by a refresh, which gives it no more than it had, and asks its user only where it cannot refresh */
function tests(load: () => Promise<Library>, { refreshesFirst }: { readonly refreshesFirst: boolean }): void {
  let example: Example;
  before(async () => {
    example = await startExample();
  });
  after(() => example.stop());

  async function started(): Promise<{ readonly host: Host; readonly session: Session }> {
    // as hosts on the user's machine have it, whose port is another each time
    const members = { client_name: 'A host', redirect_uris: [CALLBACK.replace(':9999', '')] };
    const host = new Host({ clientMetadataUrl: example.documents.publish('/host.json', members) });
    return { host, session: sessionOf(await load(), example.url, host) };
  }

  it('first login: from the 401 to a tool, by nothing but the URL of the MCP server and that of its document', async () => {
    const { host, session } = await started();
    const dialog = await session.logIn();
    for (const shown of [new URL(example.documents.origin).host, 'localhost:9999', 'role="alert"'])
      assert.ok(dialog.includes(shown), shown);
    const asked = host.opened[0]?.searchParams;
    assert.deepEqual(
      ['client_id', 'resource', 'code_challenge_method'].map((name) => asked?.get(name)),
      [host.clientMetadataUrl, `${example.url}/mcp`, 'S256'],
    );
    assert.match(asked?.get('scope') ?? '', /^notes:read( offline_access)?$/);
    const client = await session.connected();
    const { content } = await client.callTool({ name: 'list_notes' });
    assert.deepEqual(content, [{ type: 'text', text: '[]' }]);
    await client.close();
  });

  it('refresh: a token that is not taken any more is replaced, without the user', async () => {
    const { host, session } = await started();
    await session.logIn();
    const first = host.kept;
    assert.ok(first?.refresh_token);
    host.kept = { ...first, access_token: 'stale' };
    const client = await session.connected();
    await client.callTool({ name: 'list_notes' });
    assert.equal(host.opened.length, 1);
    assert.notEqual(host.kept?.refresh_token, first.refresh_token);
    await client.close();
  });

  it('step-up: a tool that needs more is refused with what it needs, and the client asks its user for that', async () => {
    const { host, session } = await started();
    await session.logIn();
    // what a host does of 1.x, so that its user is asked
    if (refreshesFirst) host.kept = { access_token: host.kept?.access_token ?? '' };
    const [reading, transport] = [session.client(), session.open()];
    await reading.connect(transport);
    await assert.rejects(reading.callTool(NOTE));
    assert.equal(host.opened.length, 2);
    await session.authorize(transport);
    const writing = await session.connected();
    assert.deepEqual((await writing.callTool(NOTE)).content, [{ type: 'text', text: 'You have 1 notes' }]);
    await writing.close();
  });

  it('a tool that needs more is refused in a batch, too, after a tool that does not', async () => {
    const { host, session } = await started();
    await session.logIn();
    const calls = [{ name: 'list_notes' }, NOTE].map((params, id) => ({
      ...{ jsonrpc: '2.0', id, method: 'tools/call', params },
    }));
    const answer = await fetch(`${example.url}/mcp`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${host.kept?.access_token}`,
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(calls),
    });
    assert.equal(answer.status, 403, await answer.text());
    assert.match(answer.headers.get('www-authenticate') ?? '', /notes:write.*insufficient_scope/);
  });
}

describe('examples/mcp', () => {
  if (!existsSync(new URL('../../examples/mcp/node_modules', import.meta.url))) {
    it.skip('is not installed: npm run test:clients');
    return;
  }
  withLibrary('@modelcontextprotocol/sdk', (load) => tests(() => loadFirst(load), { refreshesFirst: true }));
  withLibrary('@modelcontextprotocol/client', (load) => tests(() => loadSecond(load), { refreshesFirst: false }));
});
