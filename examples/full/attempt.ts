/** A request for developers to try their client with: a URL to open, and a command that exchanges the code. */
import { createHash, randomBytes } from 'node:crypto';
import type { App } from './clients.js';
import { USUAL_SCOPE } from './scopes.js';

export interface Attempt {
  readonly url: string;
  readonly redirectURI: string;
  /** A shell command. */
  readonly command: string;
}

const random = (): string => randomBytes(32).toString('base64url');
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** @see RFC 6749 §4.1, RFC 7636 §4 */
export function attemptOf(
  issuer: string,
  { client_id, redirect_uris, token_endpoint_auth_method: method }: App,
): Attempt {
  const [redirectURI = ''] = redirect_uris;
  const verifier = random();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: redirectURI,
    scope: USUAL_SCOPE.join(' '),
    state: random(),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const fields = [
    'grant_type=authorization_code',
    'code=CODE',
    `redirect_uri=${redirectURI}`,
    `code_verifier=${verifier}`,
    ...(method === 'none' || method === 'client_secret_post' ? [`client_id=${client_id}`] : []),
    ...(method === 'client_secret_post' ? ['client_secret=SECRET'] : []),
  ];
  const user = method === 'none' || method === 'client_secret_post' ? '' : ` -u ${quoted(`${client_id}:SECRET`)}`;
  const data = fields.map((field) => ` \\\n  --data-urlencode ${quoted(field)}`).join('');
  return {
    url: `${issuer}/authorize?${query}`,
    redirectURI,
    command: `curl ${quoted(`${issuer}/token`)}${user}${data}`,
  };
}
