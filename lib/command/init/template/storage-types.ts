/** The interface of every storage of a new project. */
export const storageTypes = `⟦export interface Storage {
  readonly tokens: TokenStore;
  readonly sessions: {
    get(key: string): Promise<object | undefined>;
    set(key: string, session: object, maxAge: number): Promise<void>;
    destroy(key: string): Promise<void>;
  };
  close(): Promise<void>;
}

⟧`;
