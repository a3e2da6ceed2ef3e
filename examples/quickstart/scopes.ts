/** The scopes, each with the text that the consent dialog shows. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
]);
