/**
 * Postcards, the demo application. It is another party: it knows only the issuer URL of the server, and its own client ID and secret.
 * To point it at another server, register it there and change these lines.
 */
export const CLIENT_ID = 'demo';
/** In the source only because anybody may use Postcards. A real secret comes from the environment. */
export const CLIENT_SECRET = 'only-postcards-knows';
export const redirectURI = (issuer: string): string => `${issuer}/demo/callback`;

/** RFC 6749 §2.3.1: neither text has a character that form encoding would change. */
export const credentials = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;

/** The credentials of the Printer, another party: a service that Postcards calls, and that calls the API for the user. */
export const PRINTER = `Basic ${Buffer.from('printer:black-on-white').toString('base64')}`;

/** The scopes that Postcards may ask for, each with its own description. */
export const SCOPES = [
  ['openid', 'Logging you in with your account there'],
  ['profile', 'Your name'],
  ['email', 'Your e-mail address'],
  ['notes', 'Reading your notes'],
  ['notes:write', 'Writing notes for you'],
] as const;

/** The payment that Postcards may ask for: one stamp. @see RFC 9396 */
export const PAYMENT = { type: 'payment', creditor: 'Brighton Stamps', amount: '1.20', currency: 'EUR' } as const;

/** The operations of the API, by the value of the form field. */
export const OPERATIONS = {
  profile: { method: 'GET', path: '/api/me', scope: 'profile', says: 'See the profile' },
  notes: { method: 'GET', path: '/api/notes', scope: 'notes', says: 'Read the notes' },
  'notes:write': { method: 'POST', path: '/api/notes', scope: 'notes:write', says: 'Write a note' },
  erase: { method: 'DELETE', path: '/api/notes', scope: 'notes:write', says: 'Erase the notes, which wants a passkey' },
  userinfo: { method: 'GET', path: '/userinfo', scope: 'openid', says: 'Ask who you are' },
} as const;

export type Operation = (typeof OPERATIONS)[keyof typeof OPERATIONS];
export const operation = (name: unknown): Operation | undefined =>
  typeof name === 'string' ? new Map<string, Operation>(Object.entries(OPERATIONS)).get(name) : undefined;
