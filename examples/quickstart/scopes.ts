/** Scopes, and what they mean in the words of the dialog. */
export const scopes: ReadonlyMap<string, string> = new Map([
  ['profile', 'See your name'],
  ['email', 'See your e-mail address'],
]);
