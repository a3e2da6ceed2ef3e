/** The interface of every storage of a new project. */
export const storageTypes = `⟦interface Request {
  readonly ctx?: { readonly cookies: { get(name: string): string | undefined } };
}
export interface Storage {
  readonly tokens: TokenStore;
  readonly sessions: {
    get(key: string): Promise<object | undefined>;
    set(key: string, session: object, maxAge: number, request: Request): Promise<void>;
    destroy(key: string): Promise<void>;
  };
  close(): Promise<void>;
}

⟧/** Whether the browser sent the key. Its session is then only replaced: a request that began before the logout must not store it again. */
const isSent = (key⟦: string⟧, { ctx }⟦: Request⟧) => ctx?.cookies.get('session') === key;

`;
