/** What clients may ask for, and what it means in the words of the consent dialog. A scope more is a line here, and a `requireScope` in api.ts. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
  ['notes', 'Read your notes'],
  ['notes:write', 'Write your notes'],
]);

/** What a client gets to ask for that names no scope. */
export const USUAL_SCOPE = ['profile'];

/** In words; a scope that is not there any more speaks for itself. */
export const meaningOf = (scope: string): string => scopes.get(scope) ?? scope;
