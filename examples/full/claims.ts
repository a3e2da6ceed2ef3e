/** The claims of a user that a client asks for, by a scope or one by one, for the consent dialog. */
import type { AuthorizationRequest } from 'koauthorize';
import { claimsOf, type User } from './users.js';

/** The claims that a scope stands for. @see OpenID Connect Core §5.4 */
const OF_SCOPE: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      ...['name', 'given_name', 'middle_name', 'family_name', 'nickname', 'preferred_username', 'profile', 'picture'],
      ...['website', 'gender', 'birthdate', 'zoneinfo', 'locale', 'updated_at'],
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
]);

/** Every claim that this server can give, for its metadata. */
export const CLAIMS: readonly string[] = [...OF_SCOPE.values()].flat();

/** A claim in the form that the dialog shows. */
export interface Shown {
  readonly name: string;
  readonly value: string;
}

function show(name: string, value: unknown): Shown {
  const words = name.replaceAll('_', ' ');
  if (name === 'updated_at') return { name: words, value: new Date(Number(value) * 1000).toISOString().slice(0, 10) };
  const parts = typeof value === 'object' && value !== null ? Object.values(value).join(', ') : String(value);
  return { name: words, value: value === true ? 'yes' : value === false ? 'no' : parts };
}

/** The known values of claims. */
export function shownOf(user: User, names: readonly string[]): readonly Shown[] {
  const known = new Map(Object.entries(claimsOf(user)));
  return names.filter((name) => known.has(name)).map((name) => show(name, known.get(name)));
}

/** The claims of a user that a client with this scope gets. */
export const shownFor = (user: User, scope: string): readonly Shown[] => shownOf(user, OF_SCOPE.get(scope) ?? []);

/** The claims that a request names one by one, in addition to those of its scope. @see OpenID Connect Core §5.5 */
function namedIn({ claims, scope = [] }: AuthorizationRequest): readonly string[] {
  const named = new Set([...Object.keys(claims?.userinfo ?? {}), ...Object.keys(claims?.id_token ?? {})]);
  const covered = new Set(scope.flatMap((word) => OF_SCOPE.get(word) ?? []));
  return CLAIMS.filter((name) => named.has(name) && !covered.has(name));
}

export const shownBeside = (user: User, req: AuthorizationRequest): readonly Shown[] => shownOf(user, namedIn(req));

/** The named claims as words that are remembered together with the scope. They contain a space, so that no scope word can equal one. */
export const wordsOf = (req: AuthorizationRequest): readonly string[] =>
  namedIn(req).map((name) => `the claim ${name}`);
