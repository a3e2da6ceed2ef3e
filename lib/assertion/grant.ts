/** Issues assertions that other authorization servers accept as grants: ID-JAGs, and grants of identity chaining. */
import type { Core } from '../core.js';
import { type ReasonValues, reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { signingKey, signJWT } from '../keys/sign.js';
import { add } from '../registry/add.js';
import { outwardActors } from '../syntax/actors.js';
import type { Awaitable, Claims, Client, Confirmation, Scope } from '../types.js';

/** What a client wants an assertion for. Token exchange has verified the subject token, and its policy has allowed the exchange. */
export interface WantedGrant<C = Client> {
  readonly client: C;
  readonly subject: {
    /** @see RFC 8693 §3 */
    readonly type: string;
    readonly subject: string;
    readonly claims?: Claims | undefined;
  };
  /** `audience` and `resource` of the request, as they came. */
  readonly audience: readonly string[];
  readonly resource: readonly string[];
  /** The part of the requested scope that the policy allows. */
  readonly grantedScope: Scope;
  /** The latest `exp` of the assertion, in epoch seconds. */
  readonly endsAt?: number | undefined;
  /** The chain of actors (RFC 8693 §4.1). Users are named by their subjects at this server. */
  readonly act?: Claims | undefined;
  /** Set if the client presented an actor token. */
  readonly actor?: object | undefined;
  /** The keys that the request has proved to possess. */
  readonly confirmation?: Confirmation | undefined;
}

/** Another authorization server that accepts assertions of this one. */
export interface AcceptingServer<C = Client> {
  /**
   * The client's identifier at that server. A client for which it is undefined gets no assertion.
   *
   * @example const chat: AcceptingServer<App> = { clientID: (client) => client.idAtChat };
   */
  readonly clientID: (client: C) => string | undefined;
  /**
   * The `client_id` of that server at this one, if it logs its users in here. `sub` is then the subject identifier that it gets from these logins.
   * Default: the user's subject at this server.
   */
  readonly relyingParty?: string;
  /** Further claims, such as `email`, `aud_sub` or `tenant`. Claims of the subject token are left out unless they are given here. */
  readonly claims?: (wanted: WantedGrant<C>) => Awaitable<Claims>;
}

/** A kind of assertion. */
export interface GrantKind {
  /** `typ` of its header. */
  readonly type: string;
  /** The types of subject token for which it is issued. */
  readonly subjectTypes: readonly string[];
  /** The parameters that may name the server: `audience` alone, or `resource` as well. */
  readonly namedBy: readonly ('audience' | 'resource')[];
  /** Seconds. */
  readonly lifetime: number;
  /** The name of the function in messages. */
  readonly what: string;
}

/** An assertion, as token exchange answers it. */
export interface IssuedGrant {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly scope: Scope;
}

/** Issues assertions of one kind, for `tokenExchange({ issues })`. */
export interface IssuesGrant<C = Client> {
  (wanted: WantedGrant<C>): Promise<IssuedGrant>;
  /** `scope` and `resource` of the request are those of that server. */
  readonly isForOtherServer: true;
}

type Code = 'invalid_request' | 'invalid_target';

function refused(message: string, code: Code, why: string, values: ReasonValues): TokenError {
  return reasoned(new TokenError(message, code), why, values);
}

/** The one server that a request names. @throws TokenError if it names none, several, or an unknown one. @see RFC 8693 §2.2.2 */
function serverNamed<C>(wanted: WantedGrant<C>, servers: ReadonlyMap<string, AcceptingServer<C>>, kind: GrantKind) {
  const named = [...new Set(kind.namedBy.flatMap((parameter) => wanted[parameter]))];
  const [issuer = ''] = named;
  if (named.length !== 1)
    throw refused(
      `Name one server by ${kind.namedBy.join(' or ')}`,
      'invalid_request',
      'An assertion is for one server',
      {
        named,
      },
    );
  const server = servers.get(issuer);
  const clientID = server?.clientID(wanted.client);
  if (server && clientID !== undefined) return { issuer, server, clientID };
  const why = server
    ? 'clientID() of the server gave no identifier for this client'
    : `${kind.what}: there is no such server`;
  throw refused('The token cannot be for this target', 'invalid_target', why, { named });
}

/** The subject identifier by which that server knows the user: the one from its logins here. @throws Error if `relyingParty` is not a client here */
async function subjectAt<C, U>(
  core: Core<C, U>,
  { relyingParty }: AcceptingServer<C>,
  subject: string,
): Promise<string> {
  if (relyingParty === undefined) return subject;
  const client = await core.findClient(relyingParty);
  if (!client) throw new Error(`relyingParty is ${relyingParty}, and there is no such client`);
  return core.outwardSubject(subject, client);
}

/** A list with one value is written as that value. */
function oneOrAll(values: readonly string[]): string | readonly string[] | undefined {
  return values.length > 1 ? values : values[0];
}

/** The claims about the access that the client asks for: resources, scope and key. */
function accessOf<C>({ resource, grantedScope, confirmation }: WantedGrant<C>, { namedBy }: GrantKind): Claims {
  return {
    resource: namedBy.includes('resource') ? undefined : oneOrAll(resource),
    scope: grantedScope.length > 0 ? grantedScope.join(' ') : undefined,
    cnf: confirmation,
  };
}

/**
 * Makes a function that issues assertions of one kind.
 *
 * @param servers who accepts them, by issuer identifier
 * @throws TypeError without servers
 * @returns a function that throws TokenError: `invalid_request`, `invalid_target`; Error if the server has no signing key or no issuer
 */
export function grantIssuer<C, U>(
  core: Core<C, U>,
  servers: Readonly<Record<string, AcceptingServer<C>>>,
  kind: GrantKind,
): IssuesGrant<C> {
  const known = new Map(Object.entries(servers));
  const issue = async (wanted: WantedGrant<C>): Promise<IssuedGrant> => {
    const { type, subject } = wanted.subject;
    if (!kind.subjectTypes.includes(type))
      throw refused('The subject token is of another type', 'invalid_request', `${kind.what} takes others`, { type });
    const { issuer, server, clientID } = serverNamed(wanted, known, kind);
    const key = signingKey(core.keys);
    if (!key || core.issuer === undefined) throw new Error(`${kind.what} signs: say createServer({ issuer, keys })`);
    const iat = Math.floor(core.now());
    const exp = Math.floor(Math.min(iat + kind.lifetime, wanted.endsAt ?? Number.POSITIVE_INFINITY)); // RFC 8693 §5: not longer than the subject token
    const tell = (one: string) => subjectAt(core, server, one);
    const sub = await tell(subject);
    // `client_id` already names the client that asks: `act` is there only if the client presented an actor token
    const act = wanted.actor && (await outwardActors(wanted.act, core.issuer, tell));
    const own = { act, iss: core.issuer, sub, aud: issuer, client_id: clientID, jti: core.uid(22), iat, exp };
    const claims = add<Claims>(Object.assign(accessOf(wanted, kind), own), await server.claims?.(wanted), kind.what);
    return { token: await signJWT(key, claims, kind.type), expiresIn: exp - iat, scope: wanted.grantedScope };
  };
  return Object.assign(issue, { isForOtherServer: true as const });
}
