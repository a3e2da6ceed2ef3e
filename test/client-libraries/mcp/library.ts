/** As much of the MCP SDKs as is used. */

export interface Tokens {
  readonly access_token: string;
  readonly token_type?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

export interface Information {
  readonly client_id: string;
  readonly client_secret?: string;
}

export interface Transport {
  finishAuth(code: string | URLSearchParams, iss?: string): Promise<void>;
}

export interface MCPClient {
  connect(transport: Transport): Promise<void>;
  callTool(call: { readonly name: string; readonly arguments?: object }): Promise<{ readonly content: unknown }>;
  close(): Promise<void>;
}

/** What keeps the tokens of a client that has no user. */
export interface OwnProvider {
  tokens(): Tokens | undefined;
}

export interface Library {
  readonly Client: new (info: object) => MCPClient;
  readonly StreamableHTTPClientTransport: new (url: URL, options: object) => Transport;
  readonly PrivateKeyJwtProvider: new (options: object) => OwnProvider;
  readonly registerClient: (issuer: string, options: object) => Promise<Information>;
  readonly discoverAuthorizationServerMetadata: (issuer: string) => Promise<object | undefined>;
  /** Since 2.x. */
  readonly CrossAppAccessProvider?: new (
    options: object,
  ) => OwnProvider;
  /** Since 2.x. */
  readonly DpopSession?: { create(options?: object): Promise<object> };
}

/** Loads one of the two, whose modules differ. */
export type Load = <T>(module?: string) => Promise<T>;

export async function loadFirst(load: Load): Promise<Library> {
  const modules = ['index', 'streamableHttp', 'auth', 'auth-extensions'];
  const loaded = await Promise.all(modules.map((name) => load<Library>(`@modelcontextprotocol/sdk/client/${name}.js`)));
  return Object.assign({}, ...loaded);
}

export const loadSecond = (load: Load): Promise<Library> => load<Library>();
