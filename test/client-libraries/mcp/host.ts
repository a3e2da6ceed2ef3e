/** A host of MCP clients, and alice at its browser. */
import assert from 'node:assert/strict';
import type { Information, Library, MCPClient, Tokens, Transport } from './library.js';

export const CALLBACK = 'http://localhost:9999/callback';

export interface HostOptions {
  /** The URL of the document of a client that has one. */
  readonly clientMetadataUrl?: string;
  /** What a client knows that was registered before. */
  readonly information?: Information | undefined;
  /** Members of what it registers, beside the usual ones. */
  readonly metadata?: object;
}

/** What a host keeps for a client. */
export class Host {
  readonly redirectUrl = CALLBACK;
  readonly clientMetadataUrl?: string;
  readonly clientMetadata: object;
  readonly opened: URL[] = [];
  information: Information | undefined;
  kept: Tokens | undefined;
  discovered: object | undefined;
  /** Its key, for DPoP. */
  dpop?: () => object;
  #verifier = '';

  constructor({ clientMetadataUrl, information, metadata }: HostOptions) {
    if (clientMetadataUrl !== undefined) this.clientMetadataUrl = clientMetadataUrl;
    this.information = information;
    // RFC 7591 §2: who registers no grant types has the code grant only, and is given no refresh tokens
    const grant_types = ['authorization_code', 'refresh_token'];
    this.clientMetadata = { redirect_uris: [CALLBACK], client_name: 'A host', grant_types, ...metadata };
  }

  state = (): string => 'a state';
  clientInformation = (): Information | undefined => this.information;
  saveClientInformation = (information: Information): void => {
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
  saveDiscoveryState = (state: object): void => {
    this.discovered = state;
  };
  discoveryState = (): object | undefined => this.discovered;
  invalidateCredentials = (what: string): void => assert.fail(`It deleted its ${what}`);
}

/** Alice in her browser: logs in where she has to, and allows everything. */
export class Browser {
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

  /** @returns where the browser is sent with the answer, and what the dialog said */
  async allow(url: URL): Promise<{ readonly answered: URL; readonly dialog: string }> {
    let page = await (await this.#open(url.href)).text();
    if (page.includes('action="/login"')) {
      const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
      const form = { csrf, user: 'alice', password: 'wonderland', back: url.pathname + url.search };
      await this.#open(new URL('/login', url).href, form);
      page = await (await this.#open(url.href)).text();
    }
    const [, transaction_id = ''] = /name="transaction_id" value="([^"]+)"/.exec(page) ?? [];
    assert.ok(transaction_id, page);
    const answer = await this.#open(new URL('/authorize/decision', url).href, { transaction_id });
    return { answered: new URL(answer.headers.get('location') ?? ''), dialog: page };
  }
}

export interface Session {
  open(): Transport;
  client(): MCPClient;
  /** A client whose connection stands. */
  connected(): Promise<MCPClient>;
  /** From a refusal to the tokens. @returns what the dialog said */
  authorize(transport: Transport): Promise<string>;
  /** From the URL of the MCP server to the tokens. @returns what the dialog said */
  logIn(): Promise<string>;
}

/** One host at one MCP server. */
export function sessionOf(library: Library, url: string, host: Host, browser = new Browser()): Session {
  const open = () => new library.StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: host });
  const client = () => new library.Client({ name: 'a host', version: '1.0.0' });
  const authorize = async (transport: Transport): Promise<string> => {
    const asked = host.opened.at(-1);
    assert.ok(asked, 'It asked for no authorization');
    const { answered, dialog } = await browser.allow(asked);
    const answer = answered.searchParams;
    assert.equal(answer.get('error'), null, answer.toString());
    assert.equal(answer.get('iss'), url);
    await transport.finishAuth(answer.get('code') ?? '', answer.get('iss') ?? '');
    return dialog;
  };
  return {
    open,
    client,
    authorize,
    async connected() {
      const connected = client();
      await connected.connect(open());
      return connected;
    },
    async logIn() {
      const transport = open();
      await assert.rejects(client().connect(transport), 'It was let in without a token');
      return authorize(transport);
    },
  };
}
