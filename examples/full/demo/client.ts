/**
 * Postcards, the demo application: another party, which knows of the server only its issuer URL, its own client ID and its secret.
 * To point it at another server, register it there and change these lines.
 */
export const CLIENT_ID = 'demo';
/** In the source only because everyone may be Postcards; a real one comes from the environment. */
export const CLIENT_SECRET = 'only-postcards-knows';
export const redirectURI = (issuer: string): string => `${issuer}/demo/callback`;

/** RFC 6749 §2.3.1: neither has a character that the form encoding would change */
export const credentials = `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}`;

/** The Printer, a service that Postcards calls: a party of its own, which calls the API for the user. */
export const PRINTER = `Basic ${Buffer.from('printer:black-on-white').toString('base64')}`;

/** What it may ask for, in its own words. */
export const SCOPES = [
  ['openid', 'Logging you in with your account there'],
  ['profile', 'Your name'],
  ['email', 'Your e-mail address'],
  ['notes', 'Reading your notes'],
  ['notes:write', 'Writing notes for you'],
] as const;

/** What it may ask for once, with its details: the stamp. @see RFC 9396 */
export const PAYMENT = { type: 'payment', creditor: 'Brighton Stamps', amount: '1.20', currency: 'EUR' } as const;

/** What it can call, by the name of the form field. */
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
