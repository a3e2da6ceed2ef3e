/** The options of `authorizationDetails()`, and the member that clients register. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import type { Relaxations } from '../../findings.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable, Client, ClientMetadata } from '../../types.js';
import type { AuthorizationDetail } from './detail.js';

/**
 * A type of `authorization_details`: which fields its elements have, and how two elements are compared. A function allows only by returning exactly `true`; any
 * other value refuses. An error that a function throws is answered as an error of the server.
 *
 * @see RFC 9396 §2.1, §11.1
 */
export interface DetailType<C = Client, D extends AuthorizationDetail = AuthorizationDetail> {
  /** The fields that an element must have, besides `type`. Default: none. */
  readonly required?: readonly string[];
  /** The fields that an element may have. An element with any other field is refused. Default: none. */
  readonly optional?: readonly string[];
  /**
   * Whether the values are valid, and whether this client may ask for them. Already checked: the required fields are there, and the fields of RFC 9396 §2.2 are
   * texts and lists of texts. All other values are untrusted input of any type.
   */
  validate(detail: D, client: C): Awaitable<boolean>;
  /**
   * Whether a granted element includes one that is asked for now. Both are of this type; the function must compare all of their fields. It compares one pair at
   * a time: if a client asks for several parts of an amount, each part is compared with the whole amount, and nobody adds them up. Default: the fields are
   * equal, but in `locations`, `actions`, `datatypes` and `privileges` the requested element may have fewer values.
   *
   * @see RFC 9396 §6.1
   */
  covers?(granted: D, asked: D): Awaitable<boolean>;
  /**
   * Whether the server or the user may turn a requested element into this granted one, for example by adding the accounts that the user has chosen. Default:
   * only what `covers` allows may be granted.
   *
   * @see RFC 9396 §7.1
   */
  enriches?(asked: D, granted: D): Awaitable<boolean>;
  /** Whether a client may have this element for itself, without a user, by the client credentials grant. Default: no client may. @see RFC 9396 §6 */
  clientMayHave?(detail: D, client: C): Awaitable<boolean>;
}

/** Options of `authorizationDetails()`. */
export interface AuthorizationDetailsOptions<C = Client> {
  /** The types, by their names as clients send them. The names are published in the metadata. */
  readonly types: Readonly<Record<string, DetailType<C>>>;
  /**
   * Whether `immediate` may allow a request with details. An `immediate` that compares only remembered scopes does not look at details, and would allow a
   * payment that no user has seen. Default: false, so that the user is asked every time.
   */
  readonly allowImmediate?: boolean;
}

export const RELAXATIONS: Relaxations<AuthorizationDetailsOptions> = {
  allowImmediate: {
    why: 'An immediate that compares only remembered scopes allows a payment that no user has seen',
    section: 'RFC 9396 §3',
    remedy: 'Leave it out, or have immediate compare txn.req.authorizationDetails with what the user has seen',
  },
};

const OF_TYPE: OptionNames<DetailType> = {
  required: true,
  optional: true,
  validate: true,
  covers: true,
  enriches: true,
  clientMayHave: true,
};

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '');
}

/** @throws TypeError */
function requireType(name: string, type: DetailType<never>): void {
  const what = `authorizationDetails({ types }): ${JSON.stringify(name)}`;
  requireKnown<DetailType<never>>(type, OF_TYPE, what);
  const { required = [], optional = [], validate } = type;
  if (name === '') throw new TypeError(`${what} is no name of a type`);
  if (typeof validate !== 'function') throw new TypeError(`${what} has no validate function`); // without it, a client could ask for any values
  if (!isNames(required) || !isNames(optional))
    throw new TypeError(`${what}: required and optional are lists of names`);
}

/** The types, by name. @throws TypeError for invalid options */
export function typesOf<C>(options: AuthorizationDetailsOptions<C>): ReadonlyMap<string, DetailType<C>> {
  requireKnown<AuthorizationDetailsOptions<C>>(options, { types: true, allowImmediate: true }, 'authorizationDetails');
  const types = new Map(Object.entries(options?.types ?? {}));
  if (types.size === 0)
    throw new TypeError('authorizationDetails({ types }) is needed: the types that clients may ask for');
  for (const [name, type] of types) requireType(name, type);
  return types;
}

/** @throws OAuth2Error. @see RFC 9396 §10, RFC 7591 §3.2.2 */
export function requireRegistration(metadata: ClientMetadata, types: ReadonlyMap<string, unknown>): ClientMetadata {
  const { authorization_details_types: registered } = metadata;
  if (registered === undefined || (isNames(registered) && registered.every((name) => types.has(name)))) return metadata;
  const message = 'authorization_details_types is a list of types that this server supports';
  throw invalidMetadata(message, { came: registered });
}
