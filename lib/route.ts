/** The shape of an endpoint of an extension. No code. */
import type { Middleware } from 'koa';

/** Who may call the endpoints that clients authenticate at, from scripts in browsers: every origin, or these. */
export type AllowedOrigins = '*' | readonly string[];

/** An endpoint of an extension, which the application mounts: `router.post(path, authenticateClient, server.endpoint(extension))`. */
export interface Route {
  /** Where it usually is: a path below the issuer. */
  readonly path: string;
  /** Where it is, if an option of the extension sets it: a path below the issuer, or a URL. */
  readonly url?: string | undefined;
  /** Further paths of the host at which it is mounted. Called when the endpoint is mounted, once everything is plugged in. Default: none. */
  readonly alsoAt?: () => readonly string[];
  /** The methods that it takes, such as `POST`. */
  readonly methods: readonly string[];
  /** Whether clients authenticate at it, by a middleware before it. */
  readonly clientAuthenticated?: boolean;
  /** Whether it receives authorization requests: a client that authenticates there may be new to the server. */
  readonly takesRequests?: boolean;
  /** Whether the application draws a page behind it, for the user who is logged in: `server.mount` then does not mount it, the application does. */
  readonly hasPage?: boolean;
  /** Whose scripts may call it: those of every origin, for a public document; or those that `createServer({ allowOrigins })` says. Default: none. */
  readonly cors?: 'every-origin' | 'allowed-origins';
  /** The member of the metadata that says where it is, such as `registration_endpoint`. Default: none. */
  readonly listedAs?: string;
  readonly handler: Middleware;
}
