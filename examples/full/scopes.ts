/** The scopes that clients may ask for, with their texts for the consent dialog. To add one, add a line here and a `requireScope` in api.ts. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
  ['notes', 'Read your notes'],
  ['notes:write', 'Write your notes'],
]);

/** The scope of a request that names none. */
export const USUAL_SCOPE = ['profile'];

/** The text for a scope. For a scope that was removed since, it is the scope itself. */
export const meaningOf = (scope: string): string => scopes.get(scope) ?? scope;
