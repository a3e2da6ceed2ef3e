/** Formats requests and answers: one member in each line, with secrets shortened and times in words. */

const SECRETS = new Set([
  'code',
  'code_verifier',
  'access_token',
  'refresh_token',
  'token',
  'client_secret',
  'id_token',
  'id_token_hint',
  'subject_token',
]);

/** Shortens a secret, so that it can be recognized, but not used. */
export const shorten = (secret: string): string =>
  secret.length <= 12 ? '…' : `${secret.slice(0, 8)}… (${secret.length} characters)`;

const value = (name: string, text: string): string => (SECRETS.has(name) ? shorten(text) : text);

export const showParams = (params: URLSearchParams, indent = '  '): string =>
  [...params].map(([name, text], index) => `${indent}${index > 0 ? '&' : ''}${name}=${value(name, text)}`).join('\n');

export function showURL(url: string): string {
  const { origin, pathname, searchParams } = new URL(url);
  return searchParams.size > 0
    ? `${origin}${pathname}\n  ?${showParams(searchParams).trimStart()}`
    : `${origin}${pathname}`;
}

/** JSON with one member in each line. */
export function showJSON(json: object): string {
  const members = Object.entries(json).map(([name, member]: [string, unknown]) => {
    const shown = typeof member === 'string' ? value(name, member) : member;
    return `  ${JSON.stringify(name)}: ${JSON.stringify(shown)}`;
  });
  return `{\n${members.join(',\n')}\n}`;
}

export function showHeader(name: string, text: string): string {
  if (name === 'DPoP') return `${name}: ${shorten(text)}`;
  if (name !== 'Authorization') return `${name}: ${text}`;
  const [scheme = '', secret = ''] = text.split(' ');
  return `${name}: ${scheme} ${scheme === 'Basic' ? '(client ID and secret)' : shorten(secret)}`;
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

function inWords(seconds: number, now: number): string {
  const away = seconds - now;
  const [size, unit] =
    Math.abs(away) < 90
      ? ([1, 'second'] as const)
      : Math.abs(away) < 5400
        ? ([60, 'minute'] as const)
        : ([3600, 'hour'] as const);
  return `${relative.format(Math.round(away / size), unit)}: ${clock.format(seconds * 1000)} UTC`;
}

const TIMES = new Set(['exp', 'iat', 'nbf', 'auth_time']);

/** Claims with one claim in each line. @param now epoch seconds */
export function showClaims(claims: object, now: number): string {
  const last = Object.keys(claims).length - 1;
  const lines = Object.entries(claims).map(([name, claim], index) => {
    const words = TIMES.has(name) && typeof claim === 'number' ? `  // ${inWords(claim, now)}` : '';
    return `  ${JSON.stringify(name)}: ${JSON.stringify(claim)}${index < last ? ',' : ''}${words}`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

/** The header and the payload of a JWT; undefined if the text is no JWT. Nothing is verified, since it is only shown. */
export function decodeJWT(token: string): { readonly header: object; readonly payload: object } | undefined {
  const [header, payload, signature] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  try {
    return { header: JSON.parse(header) as object, payload: JSON.parse(payload) as object };
  } catch {
    return undefined;
  }
}
