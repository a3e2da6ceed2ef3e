/** The MCP SDKs, unpatched, against examples/mcp: a client that nobody has registered logs in, refreshes, and asks for more when it is told to. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import type { ClientIDMetadataOptions } from 'koauthorize';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { withLibrary } from './libraries.js';

const EXAMPLE = new URL('../../examples/mcp/', import.meta.url);
const CALLBACK = 'http://localhost:9999/callback';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}
interface Transport {
  finishAuth(code: string | URLSearchParams, iss?: string): Promise<void>;
}
interface Client {
  connect(transport: Transport): Promise<void>;
  callTool(call: { readonly name: string; readonly arguments?: object }): Promise<{ readonly content: unknown }>;
  close(): Promise<void>;
}
/** What of a library is used. */
interface Library {
  readonly Client: new (info: object) => Client;
  readonly StreamableHTTPClientTransport: new (url: URL, options: object) => Transport;
}

/** What a host keeps for a client. */
class Kept {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadataUrl: string;
  readonly clientMetadata = { redirect_uris: [CALLBACK], client_name: 'A host' };
  readonly opened: URL[] = [];
  information: object | undefined;
  kept: Tokens | undefined;
  #verifier = '';

  constructor(clientMetadataUrl: string) {
    this.clientMetadataUrl = clientMetadataUrl;
  }

  state = (): string => 'a state';
  clientInformation = (): object | undefined => this.information;
  saveClientInformation = (information: object): void => {
    this.information = information;
  };
  tokens = (): Tokens | undefined => this.kept;
  saveTokens = (tokens: Tokens): void => {
    this.kept = tokens;
  };
  redirectToAuthorization = (url: URL): void => void this.opened.push(url);
  saveCodeVerifier = (verifier: string): void => {
    this.#verifier = verifier;
  };
  codeVerifier = (): string => this.#verifier;
  invalidateCredentials = (what: string): void => assert.fail(`It deleted its ${what}`);
}

/** Alice in her browser: logs in where she has to, and allows everything. */
class Browser {
  #cookies = new Map<string, string>();

  async #open(url: string, form?: Record<string, string>): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = form && { method: 'POST', body: new URLSearchParams(form) };
    const response = await fetch(url, { ...body, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** @returns the parameters that the answer has for the client, and what the dialog said */
  async allow(url: URL): Promise<{ readonly answer: URLSearchParams; readonly dialog: string }> {
    let page = await (await this.#open(url.href)).text();
    if (page.includes('action="/login"')) {
      const form = { user: 'alice', password: 'wonderland', back: url.pathname + url.search };
      await this.#open(new URL('/login', url).href, form);
      page = await (await this.#open(url.href)).text();
    }
    const [, transaction_id = ''] = /name="transaction_id" value="([^"]+)"/.exec(page) ?? [];
    assert.ok(transaction_id, page);
    const answered = await this.#open(new URL('/authorize/decision', url).href, { transaction_id });
    return { answer: new URL(answered.headers.get('location') ?? '').searchParams, dialog: page };
  }
}

/** @param refreshesFirst whether it answers a 403 by a refresh, which gives it no more than it had, and asks its user only where it cannot refresh */
function tests(load: () => Promise<Library>, { refreshesFirst }: { readonly refreshesFirst: boolean }): void {
  let host: DocumentHost;
  let server: Server;
  let url: string;
  before(async () => {
    host = await documentHost();
    const module = new URL('server.ts', EXAMPLE).href;
    const { application } = (await import(module)) as {
      application(url: string, documents: ClientIDMetadataOptions): Koa;
    };
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
    server.on('request', application(url, { fetch: host.fetch }).callback());
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await host.close();
  });

  const publish = (): string => host.publish('/host.json', { client_name: 'A host', redirect_uris: [CALLBACK] });

  async function connected(kept: Kept, browser: Browser) {
    const { Client, StreamableHTTPClientTransport } = await load();
    const open = () => new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: kept });
    const client = () => new Client({ name: 'a host', version: '1.0.0' });
    /** From a refusal to the tokens. */
    const authorize = async (transport: Transport): Promise<string> => {
      const asked = kept.opened.at(-1);
      assert.ok(asked, 'It asked for no authorization');
      const { answer, dialog } = await browser.allow(asked);
      assert.equal(answer.get('error'), null, answer.toString());
      assert.equal(answer.get('iss'), url);
      await transport.finishAuth(answer.get('code') ?? '', answer.get('iss') ?? '');
      return dialog;
    };
    return { open, client, authorize };
  }

  it('first login: from the 401 to a tool, by nothing but the URL of the MCP server and that of its document', async () => {
    const kept = new Kept(publish());
    const { open, client, authorize } = await connected(kept, new Browser());
    const transport = open();
    await assert.rejects(client().connect(transport));
    const dialog = await authorize(transport);
    for (const shown of [new URL(host.origin).host, 'localhost:9999', 'role="alert"'])
      assert.ok(dialog.includes(shown), shown);
    const asked = kept.opened[0]?.searchParams;
    assert.deepEqual(
      ['client_id', 'resource', 'scope', 'code_challenge_method'].map((name) => asked?.get(name)),
      [kept.clientMetadataUrl, `${url}/mcp`, 'notes:read', 'S256'],
    );
    const connectedClient = client();
    await connectedClient.connect(open());
    const { content } = await connectedClient.callTool({ name: 'list_notes' });
    assert.deepEqual(content, [{ type: 'text', text: '[]' }]);
    await connectedClient.close();
  });

  it('refresh: a token that is not taken any more is replaced, without the user', async () => {
    const kept = new Kept(publish());
    const { open, client, authorize } = await connected(kept, new Browser());
    const transport = open();
    await assert.rejects(client().connect(transport));
    await authorize(transport);
    const first = kept.kept;
    assert.ok(first?.refresh_token);
    kept.kept = { ...first, access_token: 'stale' };
    const again = client();
    await again.connect(open());
    await again.callTool({ name: 'list_notes' });
    assert.equal(kept.opened.length, 1);
    assert.notEqual(kept.kept?.refresh_token, first.refresh_token);
    await again.close();
  });

  it('step-up: a tool that needs more is refused with what it needs, and the client asks its user for that', async () => {
    const kept = new Kept(publish());
    const { open, client, authorize } = await connected(kept, new Browser());
    const transport = open();
    await assert.rejects(client().connect(transport));
    await authorize(transport);
    let [reading, second] = [client(), open()];
    await reading.connect(second);
    const note = { name: 'add_note', arguments: { text: 'hello' } };
    if (refreshesFirst) {
      await assert.rejects(reading.callTool(note), /403/);
      assert.equal(kept.opened.length, 1);
      kept.kept = { access_token: kept.kept?.access_token ?? '' }; // what a host does, so that the user is asked
      [reading, second] = [client(), open()];
      await reading.connect(second);
    }
    await assert.rejects(reading.callTool(note));
    assert.equal(kept.opened.length, 2);
    assert.deepEqual(
      new Set(kept.opened[1]?.searchParams.get('scope')?.split(' ')),
      new Set(['notes:read', 'notes:write']),
    );
    await authorize(second);
    const writing = client();
    await writing.connect(open());
    assert.deepEqual((await writing.callTool(note)).content, [{ type: 'text', text: 'You have 1 notes' }]);
    await writing.close();
  });
}

describe('examples/mcp', () => {
  if (!existsSync(new URL('node_modules', EXAMPLE))) {
    it.skip('is not installed: npm run test:clients');
    return;
  }
  withLibrary('@modelcontextprotocol/sdk', (load) =>
    tests(
      async () => ({
        ...(await load<Library>('@modelcontextprotocol/sdk/client/index.js')),
        ...(await load<Library>('@modelcontextprotocol/sdk/client/streamableHttp.js')),
      }),
      { refreshesFirst: true },
    ),
  );
  withLibrary('@modelcontextprotocol/client', (load) => tests(() => load<Library>(), { refreshesFirst: false }));
});
