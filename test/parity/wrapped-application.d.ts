import type Koa from 'koa';

export interface Parts {
  /** `oauth2orize-koa`, or whatever takes its place. */
  readonly oauth2orize: object;
  /** Koa 3, or Koa 2. */
  readonly Koa: typeof Koa;
}

/** A user is logged in with `POST /login`; `audit` is what the wrapped modules wrote down. */
export declare function application(parts: Parts): {
  readonly app: Koa;
  readonly errors: Error[];
  readonly audit: string[];
};
