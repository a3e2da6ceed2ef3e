import type Koa from 'koa';

export interface Parts {
  /** `oauth2orize-koa`, or whatever takes its place. */
  readonly oauth2orize: object;
  /** With passport's strategies for clients, or with a middleware of the application's own. */
  readonly passport: boolean;
}

/** A user is logged in with `POST /login`, and every answer of the token endpoint is kept in `issued`. */
export declare function application(parts: Parts): {
  readonly app: Koa;
  readonly errors: Error[];
};
