/** What the operator says, in variables of the environment. */

/** A setting without which nothing starts. A secret has no default, which everybody could read here. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The variable ${name} is not set`);
  return value;
}

/** The directory where everything is kept. */
export const DATA = required('DATA');

/** What clients know the server by, whichever process answers. */
export const ISSUER = required('ISSUER');
