/** Which claims of a user a client gets. @see OpenID Connect Core §5 */
import { warnOnce } from '../../errors/warning.js';
import type { Claims, Scope } from '../../types.js';
import type { AskedClaims, OpenIDOptions } from './options.js';

/** The claims that each scope asks for. @see OpenID Connect Core §5.4 */
const OF_SCOPES: Readonly<Record<string, readonly string[]>> = {
  profile: [
    ...['name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username', 'profile'],
    ...['picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
};

/**
 * Claims that this server sets in ID tokens and in signed UserInfo responses. Claims of the application with these names are dropped, since clients would take
 * them for values that the server has checked.
 */
const OF_PROTOCOL: ReadonlySet<string> = new Set([
  ...['iss', 'sub', 'aud', 'azp', 'exp', 'nbf', 'iat', 'jti', 'nonce', 'at_hash', 'c_hash'],
  ...['auth_time', 'acr', 'amr', 'sid', 'events', 'cnf'],
  '__proto__',
]);

/** §5.6.2: members that say which claims are in other places, and in which. */
const [NAMES, SOURCES] = ['_claim_names', '_claim_sources'] as const;

type IsAsked = (name: string) => boolean;

function namesOf<C, U>({ scopeClaims = {} }: OpenIDOptions<C, U>, scope: Scope): readonly string[] {
  const of = (table: Readonly<Record<string, readonly string[]>>, word: string): readonly string[] =>
    Object.hasOwn(table, word) ? (table[word] ?? []) : [];
  return scope.flatMap((word) => [...of(OF_SCOPES, word), ...of(scopeClaims, word)]);
}

/** Whether a claim was asked for, by its name or in any language (§5.2: `name` asks for `name#de`, too). */
function asking<C, U>(options: OpenIDOptions<C, U>, { scope, requested }: AskedClaims<C>): IsAsked {
  const asked = new Set([...namesOf(options, scope), ...Object.keys(requested)]);
  return (name) => !OF_PROTOCOL.has(name) && (asked.has(name) || asked.has(name.replace(/#.*$/s, '')));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** §5.3.2: a claim without a value is left out, rather than sent as null or empty. */
function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** §5.1.1: unknown parts of an address are left out, too. */
function withoutEmpty(name: string, value: unknown): unknown {
  if (!/^address(?:#|$)/.test(name) || !isObject(value)) return value;
  const known = Object.entries(value).filter(([, part]) => !isEmpty(part));
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** Requested claims that are in other places (aggregated or distributed), with these places, as the application gave them. @see OpenID Connect Core §5.6.2 */
function elsewhere<C, U>({ claimTypes = [] }: OpenIDOptions<C, U>, known: Claims, isAsked: IsAsked): Claims {
  const { [NAMES]: names, [SOURCES]: sources } = known;
  if (!isObject(names) || !isObject(sources)) return {};
  if (claimTypes.length === 0) {
    warnOnce('KOAUTHORIZE_CLAIM_TYPES', `${NAMES} is left out: say openid({ claimTypes }), which publishes it`);
    return {};
  }
  const asked = Object.entries(names).filter(([name]) => isAsked(name));
  if (asked.length === 0) return {};
  const used = new Set(asked.map(([, source]) => source));
  const places = Object.entries(sources).filter(([source]) => used.has(source));
  return { [NAMES]: Object.fromEntries(asked), [SOURCES]: Object.fromEntries(places) };
}

/**
 * The claims of a user that were asked for at one place: by the granted scope, or one by one. Other claims that the application returns are dropped. `sub` is
 * not among them.
 *
 * @param subject the internal subject of the user
 * @returns undefined if the user is gone
 * @see OpenID Connect Core §5.4, §5.5
 */
export async function claimsOf<C, U>(
  options: OpenIDOptions<C, U>,
  subject: string,
  asked: AskedClaims<C>,
): Promise<Claims | undefined> {
  const { findUser, claims } = options;
  if (!findUser) return {};
  const user = await findUser(subject);
  if (!user) return undefined;
  const known = (await claims?.(user, asked)) ?? {};
  const isAsked = asking(options, asked);
  const given = Object.entries(known)
    .filter(([name]) => isAsked(name) && name !== NAMES && name !== SOURCES)
    .map(([name, value]) => [name, withoutEmpty(name, value)] as const)
    .filter(([, value]) => !isEmpty(value));
  return Object.assign(Object.fromEntries(given), elsewhere(options, known, isAsked));
}
