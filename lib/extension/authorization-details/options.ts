/** What `authorizationDetails()` takes, and what clients register. */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import type { Relaxations } from '../../findings.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable, Client, ClientMetadata } from '../../types.js';
import type { AuthorizationDetail } from './detail.js';

/**
 * A type of `authorization_details`: which fields its elements have, and how two of them are compared. Every function answers with exactly
 * `true`; anything else refuses. What a function throws is an error of the server.
 *
 * @see RFC 9396 §2.1, §11.1
 */
export interface DetailType<C = Client, D extends AuthorizationDetail = AuthorizationDetail> {
  /** The fields that an element must have, besides `type`. Default: none. */
  readonly required?: readonly string[];
  /** The fields that it may have. An element with any other field is refused. Default: none. */
  readonly optional?: readonly string[];
  /**
   * Whether the values are good, and whether this client may ask for them. The fields are there, and those of RFC 9396 §2.2 are texts and lists
   * of texts; whatever else they are is what a stranger has written.
   */
  validate(detail: D, client: C): Awaitable<boolean>;
  /**
   * Whether what was granted includes what is asked for now. It is asked for elements of this type only, and must never look at one field alone. It is
   * asked of one element at a time: of several with other values in fields of your own, such as parts of an amount, each is compared with the whole.
   * Default: the fields are equal, but of `locations`, `actions`, `datatypes` and `privileges` the asked element may have fewer values.
   *
   * @see RFC 9396 §6.1
   */
  covers?(granted: D, asked: D): Awaitable<boolean>;
  /**
   * Whether what is granted is what the server, or the user, may make of what was asked for: with the accounts that the user has chosen, say.
   * Default: only what `covers` allows may be granted.
   *
   * @see RFC 9396 §7.1
   */
  enriches?(asked: D, granted: D): Awaitable<boolean>;
  /** Whether a client may have this for itself, without a user, by client credentials. Default: no client may. @see RFC 9396 §6 */
  clientMayHave?(detail: D, client: C): Awaitable<boolean>;
}

/** Options of `authorizationDetails()`. */
export interface AuthorizationDetailsOptions<C = Client> {
  /** The types, by the names that clients use. They are published in the metadata. */
  readonly types: Readonly<Record<string, DetailType<C>>>;
  /**
   * Whether `immediate` may allow a request with details. An `immediate` that remembers consent to a scope knows nothing of them, and would let a
   * payment pass that nobody has seen. Default: false, so that the user is asked every time.
   */
  readonly allowImmediate?: boolean;
}

export const RELAXATIONS: Relaxations<AuthorizationDetailsOptions> = {
  allowImmediate: {
    why: 'An immediate that remembers consent to a scope lets a payment pass that nobody has seen',
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
  if (typeof validate !== 'function') throw new TypeError(`${what} has no validate function`); // else anything would be a permission
  if (!isNames(required) || !isNames(optional))
    throw new TypeError(`${what}: required and optional are lists of names`);
}

/** The types, by name. @throws TypeError for options that cannot be meant */
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
