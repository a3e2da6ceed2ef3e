/** What is used here of packages that have no types, and none at DefinitelyTyped. */
declare module 'oauth2orize-koa' {
  import type { Middleware, ParameterizedContext } from 'koa';

  type Awaitable<T> = T | Promise<T>;
  type Issued = string | false | [accessToken: string, refreshToken: string | undefined, params: object];

  interface AuthorizationRequest {
    clientID: string;
    redirectURI: string;
    scope?: string[];
    state?: string;
  }
  interface Plug {
    readonly name: string;
  }
  interface Server<C> {
    serializeClient(serialize: (client: C) => Awaitable<string>): void;
    deserializeClient(deserialize: (id: string) => Awaitable<C | false>): void;
    grant(grant: Plug): this;
    grant(type: string, phase: 'request', parse: (ctx: ParameterizedContext) => Awaitable<object>): this;
    exchange(exchange: Plug): this;
    authorize(
      validate: (clientID: string, redirectURI: string, scope?: string[]) => Awaitable<[C, string] | false>,
    ): Middleware;
    decision(): [Middleware, Middleware];
    token(): Middleware;
    errorHandler(): Middleware;
  }
  interface OAuth2orize {
    createServer<C>(): Server<C>;
    readonly AuthorizationError: new (message: string, code: string) => Error;
    readonly TokenError: new (message: string, code: string) => Error;
    readonly grant: {
      code<C, U>(
        issue: (
          client: C,
          redirectURI: string,
          user: U,
          ares: object,
          areq: AuthorizationRequest,
        ) => Awaitable<string | false>,
      ): Plug;
    };
    readonly exchange: {
      code<C>(
        issue: (client: C, code: string, redirectURI: string, body: Record<string, unknown>) => Awaitable<Issued>,
      ): Plug;
      clientCredentials<C>(issue: (client: C, scope: string[] | undefined) => Awaitable<Issued>): Plug;
      refreshToken<C>(issue: (client: C, refreshToken: string, scope?: string[]) => Awaitable<Issued>): Plug;
    };
  }
  const oauth2orize: OAuth2orize;
  export default oauth2orize;
}
