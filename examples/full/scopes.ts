/** The scopes that clients may ask for, with their texts for the consent dialog. To add one, add a line here and a `requireScope` in api.ts. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know you again: see that it is you who logs in'],
  ['profile', 'See your name, and what else is in your profile'],
  ['email', 'See your e-mail address'],
  ['address', 'See your postal address'],
  ['phone', 'See your phone number'],
  ['offline_access', 'Do all this also while you are not here, until you disconnect it'],
  ['notes', 'Read your notes'],
  ['notes:write', 'Write your notes'],
]);

/** The scopes of the API. */
export const API_SCOPES = ['profile', 'email', 'notes', 'notes:write'] as const;

/** The scope of a request that names none. */
export const USUAL_SCOPE = ['profile'];

/** The text for a scope. For a scope that no longer exists, it is the scope itself. */
export const meaningOf = (scope: string): string => scopes.get(scope) ?? scope;
