/** What is attacked. */
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable } from '../../types.js';
import type { FormSubmission } from './form.js';
import { membersOf, type Page, send } from './http.js';
import type { Visitor } from './visitor.js';

/**
 * A client that is registered at the server, in the words of RFC 7591.
 *
 * @example const client: AttackClient = { client_id: 'web', client_secret: 'only-web-knows', redirect_uri: 'https://web.example/cb' };
 * @see RFC 6749 §2
 */
export interface AttackClient {
  readonly client_id: string;
  /** Absent of public clients. */
  readonly client_secret?: string | undefined;
  /** One that is registered, and which the attacks use. Nothing needs to answer there. */
  readonly redirect_uri: string;
  /** All that are registered, where there are several. */
  readonly redirect_uris?: readonly string[] | undefined;
  /** What it asks for; without it, the server's default. */
  readonly scope?: string | undefined;
  /** `client_secret_basic` unless this says otherwise. */
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | undefined;
}

/** URLs of the server. */
export interface AttackEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly introspection?: string | undefined;
  readonly revocation?: string | undefined;
  /** Of an API: answers a GET with a bearer token that `client` was given. */
  readonly resource?: string | undefined;
}

/**
 * The server to attack: where it is, whom it knows, and how one logs in. It is attacked over HTTP, so it can be any server; take one that
 * is there for tests, with clients and users for tests.
 *
 * @example
 * const target: AttackTarget = {
 *   issuer: 'http://localhost:3000',
 *   client: { client_id: 'web', client_secret: 'only-web-knows', redirect_uri: 'https://web.example/cb' },
 *   async login(visitor) {
 *     await visitor.submit(await visitor.get('http://localhost:3000/login'), { username: 'alice', password: 'wonderland' });
 *   },
 * };
 * @see RFC 8414 (where the endpoints come from, unless they are given)
 */
export interface AttackTarget {
  readonly issuer: string;
  /** Those that are not given are taken from the server's metadata, unless both `authorization` and `token` are. */
  readonly endpoints?: Partial<AttackEndpoints> | undefined;
  /** A confidential client. */
  readonly client: AttackClient;
  /** Another confidential one. */
  readonly otherClient?: AttackClient | undefined;
  readonly publicClient?: AttackClient | undefined;
  /** Logs a user in. */
  login(visitor: Visitor): Awaitable<unknown>;
  /** Logs another user in; without it, an attacker's browser is logged in as the same one. */
  loginOther?(visitor: Visitor): Awaitable<unknown>;
  /** Takes back what the user of `visitor` has allowed this client: for servers that remember it, and show no dialog then. */
  forget?(visitor: Visitor, client: AttackClient): Awaitable<unknown>;
  /**
   * What a browser sends when this decision is made in the dialog; undefined where the page is no dialog. By default: the posted form that
   * has a `transaction_id`, or a button to deny.
   */
  consent?(page: Page, decision: 'allow' | 'deny'): FormSubmission | undefined;
  /** Seconds in which a spent refresh token may be answered again, with the same answer. */
  readonly grace?: number | undefined;
  /** Lets so many seconds pass for the server, where its clock can be set; without it, they are waited for. */
  wait?(seconds: number): Awaitable<unknown>;
}

const MEMBERS: OptionNames<AttackTarget> = {
  issuer: true,
  endpoints: true,
  client: true,
  otherClient: true,
  publicClient: true,
  login: true,
  loginOther: true,
  forget: true,
  consent: true,
  grace: true,
  wait: true,
};

const ENDPOINTS: OptionNames<AttackEndpoints> = {
  authorization: true,
  token: true,
  introspection: true,
  revocation: true,
  resource: true,
};

/** Its clients may have any member of a registration. @throws TypeError for a member of the target that there is not */
export function requireKnownMembers(target: AttackTarget): void {
  requireKnown<AttackTarget>(target, MEMBERS, 'The attack target');
  requireKnown<Partial<AttackEndpoints>>(target.endpoints, ENDPOINTS, 'The attack target ({ endpoints })');
}

/** RFC 8414 §3.1: the well-known part stands before the issuer's path. */
function metadataURL(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export async function endpointsOf({ issuer, endpoints = {} }: AttackTarget): Promise<AttackEndpoints> {
  const { authorization, token } = endpoints;
  if (authorization !== undefined && token !== undefined) return { ...endpoints, authorization, token };
  const page = await send(metadataURL(issuer), { headers: { accept: 'application/json' } });
  const metadata = membersOf(page);
  const found = {
    authorization: text(metadata['authorization_endpoint']),
    token: text(metadata['token_endpoint']),
    introspection: text(metadata['introspection_endpoint']),
    revocation: text(metadata['revocation_endpoint']),
    ...endpoints,
  };
  if (!found.authorization || !found.token)
    throw new Error(
      `${page.url} (${page.status}) names no authorization and token endpoints: give them in \`endpoints\``,
    );
  return { ...found, authorization: found.authorization, token: found.token };
}
