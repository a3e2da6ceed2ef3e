/** Codes and tokens in Maps. */
import { createHash, randomBytes } from 'node:crypto';
import { type App, api, LIFETIMES } from '../clients.js';
import { type Fields, ProtocolError, requireField } from './protocol-error.js';

/** Who may do what for whom. */
export interface Granted {
  readonly clientID: string;
  readonly subject?: string;
  readonly scope: string;
}

interface Code extends Granted {
  readonly redirectURI: string;
  readonly codeChallenge: string;
  readonly expiresAt: number;
}

interface Token extends Granted {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const codes = new Map<string, Code>();
const accessTokens = new Map<string, Token>();
const refreshTokens = new Map<string, Token>();

const now = (): number => Math.floor(Date.now() / 1000);
const newSecret = (): string => randomBytes(32).toString('base64url');

export function issueCode(code: Omit<Code, 'expiresAt'>): string {
  const secret = newSecret();
  codes.set(secret, { ...code, expiresAt: now() + LIFETIMES.code });
  return secret;
}

function issue(tokens: Map<string, Token>, { clientID, subject, scope }: Granted, lifetime: number): string {
  const token = newSecret();
  const issuedAt = now();
  const whose = subject === undefined ? { clientID, scope } : { clientID, subject, scope };
  tokens.set(token, { ...whose, issuedAt, expiresAt: issuedAt + lifetime });
  return token;
}

function answer(granted: Granted) {
  const access_token = issue(accessTokens, granted, LIFETIMES.accessToken);
  return { access_token, token_type: 'Bearer', expires_in: LIFETIMES.accessToken, scope: granted.scope };
}

function answerWithRefreshToken(granted: Granted) {
  return { ...answer(granted), refresh_token: issue(refreshTokens, granted, LIFETIMES.refreshToken) };
}

function clientCredentials(client: App, form: Fields) {
  const scope = form['scope'] ?? client.scope;
  if (scope !== client.scope) throw new ProtocolError(400, 'invalid_scope');
  return answer({ clientID: client.client_id, scope: client.scope });
}

/** What is in the Map, if it is good and this client's; and no longer there. */
function take<T extends Granted & { expiresAt: number }>(map: Map<string, T>, secret: string, client: App): T {
  const found = map.get(secret);
  if (found?.clientID !== client.client_id) throw new ProtocolError(400, 'invalid_grant');
  map.delete(secret); // works once
  if (found.expiresAt <= now()) throw new ProtocolError(400, 'invalid_grant');
  return found;
}

function authorizationCode(client: App, form: Fields) {
  const verifier = requireField(form, 'code_verifier');
  const code = take(codes, requireField(form, 'code'), client);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (code.codeChallenge !== challenge || code.redirectURI !== form['redirect_uri'])
    throw new ProtocolError(400, 'invalid_grant');
  return answerWithRefreshToken(code);
}

function refreshToken(client: App, form: Fields) {
  return answerWithRefreshToken(take(refreshTokens, requireField(form, 'refresh_token'), client));
}

/** The answer of the token endpoint. @throws ProtocolError */
export function exchange(client: App, form: Fields): object {
  const grantType = requireField(form, 'grant_type');
  if (!client.grant_types.includes(grantType)) throw new ProtocolError(400, 'unauthorized_client');
  switch (grantType) {
    case 'client_credentials':
      return clientCredentials(client, form);
    case 'authorization_code':
      return authorizationCode(client, form);
    case 'refresh_token':
      return refreshToken(client, form);
    default:
      throw new ProtocolError(400, 'unsupported_grant_type');
  }
}

/** What an access token stands for, while it is good. */
function find(token: string): Token | undefined {
  const found = accessTokens.get(token);
  return found && found.expiresAt > now() ? found : undefined;
}

/** Whose token a request brings. @throws ProtocolError */
export function verify(header: string | undefined): Granted {
  const [, token] = /^Bearer +(.+)$/i.exec(header ?? '') ?? [];
  const found = token === undefined ? undefined : find(token);
  if (!found) throw new ProtocolError(401, 'invalid_token');
  return found;
}

/** @see RFC 7662 §2.2 */
export function introspect(client: App, form: Fields): object {
  const found = find(requireField(form, 'token'));
  if (!found || (client !== api && client.client_id !== found.clientID)) return { active: false };
  const { clientID: client_id, subject: sub, scope, issuedAt: iat, expiresAt: exp } = found;
  return { active: true, client_id, sub, scope, token_type: 'Bearer', iat, exp }; // JSON leaves out what is undefined
}
