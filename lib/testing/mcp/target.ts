/** The MCP server that is examined, and its authorization server. */
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import type { Awaitable } from '../../types.js';
import type { FormSubmission } from '../attack/form.js';
import type { Page } from '../attack/http.js';
import type { AttackClient } from '../attack/target.js';
import type { Visitor } from '../attack/visitor.js';

/** A request to the MCP server. Missing members are those of a request that begins a session. */
export interface MCPRequest {
  /** Default: the resource. */
  readonly url?: string | undefined;
  /** Default POST. */
  readonly method?: string | undefined;
  /** In addition to `Accept` and `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the JSON-RPC request `initialize`. */
  readonly body?: string | undefined;
}

/** The answer of a host of client documents. */
export interface MCPDocument {
  /** Default 200. */
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

/** A place for documents of clients, which the authorization server can reach. @see draft-ietf-oauth-client-id-metadata-document */
export interface MCPDocuments {
  /** Publishes a document under a path, and replaces an earlier one. @returns its URL, which must begin with `https:` */
  publish(path: string, documentAt: (url: string) => MCPDocument): Awaitable<string>;
  /** How often a URL was fetched. Without it, caching is not examined. */
  fetches?(url: string): Awaitable<number>;
}

/** A request for which the scope of an ordinary token is not sufficient. */
export interface MCPStepUp {
  /** The scope of an ordinary token, with which the request is refused. */
  readonly scope: string;
  readonly request: MCPRequest;
}

/**
 * The server to examine. It is examined over HTTP, so it can be any server. Use a test server, with clients and users that exist for tests only. Only
 * `resource` is required, but without `login`, little more than the metadata can be examined.
 *
 * @example
 * const target: MCPTarget = {
 *   resource: 'http://localhost:3000/mcp',
 *   async login(visitor) {
 *     await visitor.submit(await visitor.get('http://localhost:3000/login'), { username: 'alice', password: 'wonderland' });
 *   },
 * };
 * @see RFC 9728 §2
 */
export interface MCPTarget {
  /** The URL of the MCP server, which is its resource identifier. */
  readonly resource: string;
  /** The issuer identifier of the authorization server. Default: the first that the metadata of the resource names. */
  readonly issuer?: string | undefined;
  /** A registered client. Default: one that registers itself (RFC 7591), or has a document at `documents`. */
  readonly client?: AttackClient | undefined;
  /** A second registered client. Default: as for `client`. */
  readonly otherClient?: AttackClient | undefined;
  /**
   * Other resources for which `client` can get tokens. The MCP server must refuse these tokens. One should begin with `resource`, such as
   * `https://api.example/mcp-2`: a server that compares only the beginning would accept its tokens.
   */
  readonly otherResource?: string | readonly string[] | undefined;
  /** The place where documents of clients can be published. */
  readonly documents?: MCPDocuments | undefined;
  /** The request that shows whether the MCP server accepts a token. Default: a JSON-RPC request `initialize`. */
  readonly request?: MCPRequest | undefined;
  /** A request that needs more scope than an ordinary token has. */
  readonly stepUp?: MCPStepUp | undefined;
  /** Logs a user in. Default: nobody is logged in. */
  login?(visitor: Visitor): Awaitable<unknown>;
  /** Logs another user in. */
  loginOther?(visitor: Visitor): Awaitable<unknown>;
  /** The form that a browser sends for this decision; undefined if the page is no dialog. Default: as for attacks. @see AttackTarget */
  consent?(page: Page, decision: 'allow' | 'deny'): FormSubmission | undefined;
  /** Seconds for which a used refresh token may still be answered. Default 0. */
  readonly grace?: number | undefined;
  /**
   * Advances the server's clock by this many seconds, if that is possible. Without it, the exam waits for `grace` to pass, and does not examine whether tokens
   * expire.
   */
  wait?(seconds: number): Awaitable<unknown>;
}

const MEMBERS: OptionNames<MCPTarget> = {
  resource: true,
  issuer: true,
  client: true,
  otherClient: true,
  otherResource: true,
  documents: true,
  request: true,
  stepUp: true,
  login: true,
  loginOther: true,
  consent: true,
  grace: true,
  wait: true,
};

/** The longest grace window, in seconds: the exam waits until it ends. */
const LONGEST_GRACE = 600;

const REQUEST: OptionNames<MCPRequest> = { url: true, method: true, headers: true, body: true };

/** @throws TypeError for an unknown member of the target, and for a resource that is no URL */
export function requireKnownTarget(target: MCPTarget): void {
  requireKnown<MCPTarget>(target, MEMBERS, 'The MCP target');
  requireKnown<MCPRequest>(target.request, REQUEST, 'The MCP target ({ request })');
  requireSeconds('The MCP target ({ grace })', target.grace ?? 0, 0, LONGEST_GRACE);
  requireKnown<MCPStepUp>(target.stepUp, { scope: true, request: true }, 'The MCP target ({ stepUp })');
  if (!/^https?:/.test(target.resource) || !URL.canParse(target.resource))
    throw new TypeError(`The MCP target needs the URL of the MCP server in resource, not ${String(target.resource)}`);
}
