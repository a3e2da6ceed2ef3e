/** The server that is attacked. */
import type { JWK } from 'jose';
import { type OptionNames, requireKnown, requireSeconds } from '../../options.js';
import type { Awaitable } from '../../types.js';
import type { AttackBackchannel } from './backchannel/target.js';
import type { AttackExchange } from './exchange/services.js';
import type { FormSubmission } from './form.js';
import type { Page } from './http.js';
import type { Visitor } from './visitor.js';

/**
 * A client that is registered at the server, with the names of RFC 7591.
 *
 * @example const client: AttackClient = { client_id: 'web', client_secret: 'only-web-knows', redirect_uri: 'https://web.example/cb' };
 * @see RFC 6749 §2
 */
export interface AttackClient {
  readonly client_id: string;
  /** Public clients have none. */
  readonly client_secret?: string | undefined;
  /** The registered redirect URI that the attacks use. No server needs to run there. */
  readonly redirect_uri: string;
  /** All registered redirect URIs, if there are several. */
  readonly redirect_uris?: readonly string[] | undefined;
  /** The scope that the client requests. Default: none, so that the server uses its default scope. */
  readonly scope?: string | undefined;
  /** Default `client_secret_basic`. */
  readonly token_endpoint_auth_method?: 'client_secret_basic' | 'client_secret_post' | undefined;
  /** A private key, as a JWK with `alg` and `kid`, that signs request objects. The client registered its public part. */
  readonly signing_key?: JWK | undefined;
  /** A registered redirect URI for the browser after a logout. @see OpenID Connect RP-Initiated Logout §3.1 */
  readonly post_logout_redirect_uri?: string | undefined;
}

/** An issuer whose assertions the server accepts as grants. */
export interface AttackIssuer {
  /** Its `iss`. */
  readonly issuer: string;
  /** A private key, as a JWK with `alg` and `kid`. The server knows its public part. */
  readonly signing_key: JWK;
}

/** Assertions that the server accepts from `client`. @see RFC 7523 §2.1 */
export interface AttackAssertions extends AttackIssuer {
  /** A `sub` that gets a token. */
  readonly subject: string;
  /** `typ` of an honest assertion: `oauth-id-jag+jwt` for ID-JAGs, which name their client. Default: none. */
  readonly typ?: string | undefined;
  /** Further claims of an honest assertion, such as `scope`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** A second issuer that the server trusts, for other users. */
  readonly other?: AttackIssuer | undefined;
}

/** URLs of the server. */
export interface AttackEndpoints {
  readonly authorization: string;
  readonly token: string;
  readonly introspection?: string | undefined;
  readonly revocation?: string | undefined;
  /** Where authorization requests are pushed. @see RFC 9126 */
  readonly pushed_authorization_request?: string | undefined;
  /** The device authorization endpoint. @see RFC 8628 */
  readonly device_authorization?: string | undefined;
  /** The backchannel authentication endpoint. @see CIBA */
  readonly backchannel_authentication?: string | undefined;
  /** Where clients register themselves. @see RFC 7591 §3 */
  readonly registration?: string | undefined;
  /** The URL of an API that answers a GET with an access token of `client` with 200. */
  readonly resource?: string | undefined;
  /** The URL of an API like `resource` that asks the introspection endpoint about its tokens. */
  readonly introspecting_resource?: string | undefined;
  /** @see OpenID Connect Core §5.3 */
  readonly userinfo?: string | undefined;
  /** @see OpenID Connect RP-Initiated Logout §2 */
  readonly end_session?: string | undefined;
}

/**
 * The server to attack: where it is, which clients it has, and how a user logs in. It is attacked over HTTP, so it can be any server. Use a test
 * server, with clients and users that exist for tests only.
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
  /** Endpoints that are missing here are read from the server's metadata, unless both `authorization` and `token` are given. */
  readonly endpoints?: Partial<AttackEndpoints> | undefined;
  /** A confidential client. */
  readonly client: AttackClient;
  /** A second confidential client. */
  readonly otherClient?: AttackClient | undefined;
  readonly publicClient?: AttackClient | undefined;
  /** A client that authenticates by `private_key_jwt`, with its `signing_key`. @see RFC 7523 §2.2 */
  readonly assertionClient?: AttackClient | undefined;
  /** Identifiers of APIs that `client` may name in `resource`. @see RFC 8707 */
  readonly resources?: readonly string[] | undefined;
  /** A client of devices without a browser. Its `redirect_uri` is not used. Default: `client`. @see RFC 8628 */
  readonly deviceClient?: AttackClient | undefined;
  /** The clients and pages of CIBA, if the server has it. */
  readonly backchannel?: AttackBackchannel | undefined;
  /** An initial access token, if the server requires one. The attacks register at least twenty clients with it. @see RFC 7591 §3 */
  readonly registrationToken?: string | undefined;
  /** Issuers of assertions, if the server accepts assertions as grants. */
  readonly assertions?: AttackAssertions | undefined;
  /** The services of token exchange, if the server has it. */
  readonly exchange?: AttackExchange | undefined;
  /** Logs a user in. */
  login(visitor: Visitor): Awaitable<unknown>;
  /** Logs another user in. Without it, the attacker's browser is logged in as the same user. */
  loginOther?(visitor: Visitor): Awaitable<unknown>;
  /** Revokes the consent that the user of `visitor` gave to this client: for servers that remember consent, and show no dialog the next time. */
  forget?(visitor: Visitor, client: AttackClient): Awaitable<unknown>;
  /**
   * The form that a browser sends for this decision; undefined if the page is no dialog. Default: the form with method POST that has a
   * `transaction_id`, or a button to deny.
   */
  consent?(page: Page, decision: 'allow' | 'deny'): FormSubmission | undefined;
  /** Seconds for which the server may answer a used refresh token with the same response again. */
  readonly grace?: number | undefined;
  /** Advances the server's clock by this many seconds, if that is possible. Without it, the attack waits. */
  wait?(seconds: number): Awaitable<unknown>;
}

const MEMBERS: OptionNames<AttackTarget> = {
  issuer: true,
  endpoints: true,
  client: true,
  otherClient: true,
  publicClient: true,
  assertionClient: true,
  resources: true,
  deviceClient: true,
  backchannel: true,
  registrationToken: true,
  assertions: true,
  exchange: true,
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
  pushed_authorization_request: true,
  device_authorization: true,
  backchannel_authentication: true,
  registration: true,
  resource: true,
  introspecting_resource: true,
  userinfo: true,
  end_session: true,
};

/** The longest grace window, in seconds: the attack waits until it ends. */
const LONGEST_GRACE = 600;

/** Checks the names of the members. Clients of the target may have any member of a registration. @throws TypeError for an unknown member */
export function requireKnownMembers(target: AttackTarget): void {
  requireKnown<AttackTarget>(target, MEMBERS, 'The attack target');
  requireKnown<Partial<AttackEndpoints>>(target.endpoints, ENDPOINTS, 'The attack target ({ endpoints })');
  requireSeconds('The attack target ({ grace })', target.grace ?? 0, 0, LONGEST_GRACE);
}
