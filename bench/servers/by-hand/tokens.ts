/** Codes and tokens in Maps. */
import { createHash, randomBytes } from 'node:crypto';
import { type App, api, LIFETIMES } from '../clients.js';
import { exchangeBy } from './exchange.js';
import { type Fields, ProtocolError, requireField } from './protocol-error.js';

/** Who may do what for whom. */
export interface Granted {
  readonly clientID: string;
  readonly subject?: string;
  readonly scope: string;
}

/** What a code is issued for. */
export interface NewCode extends Granted {
  readonly redirectURI: string;
  readonly codeChallenge: string;
}

interface Code extends NewCode {
  readonly expiresAt: number;
}

interface Token extends Granted {
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Issues and redeems what a client is given. */
export interface Tokens {
  issueCode(code: NewCode): string;
  /** The answer of the token endpoint. @throws ProtocolError */
  exchange(client: App, form: Fields): object;
  /** Whose token a request brings, by its header. @throws ProtocolError */
  verify(header: string | undefined): Granted;
  /** The answer of the introspection endpoint. */
  introspect(client: App, form: Fields): object;
}

const codes = new Map<string, Code>();
const accessTokens = new Map<string, Token>();
const refreshTokens = new Map<string, Token>();

const now = (): number => Math.floor(Date.now() / 1000);
const newSecret = (): string => randomBytes(32).toString('base64url');

function issueCode(code: NewCode): string {
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

function clientCredentials(client: App, form: Fields): object {
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

function authorizationCode(client: App, form: Fields): object {
  const verifier = requireField(form, 'code_verifier');
  const code = take(codes, requireField(form, 'code'), client);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (code.codeChallenge !== challenge || code.redirectURI !== form['redirect_uri'])
    throw new ProtocolError(400, 'invalid_grant');
  return answerWithRefreshToken(code);
}

function refreshToken(client: App, form: Fields): object {
  return answerWithRefreshToken(take(refreshTokens, requireField(form, 'refresh_token'), client));
}

const exchange = exchangeBy(
  new Map([
    ['client_credentials', clientCredentials],
    ['authorization_code', authorizationCode],
    ['refresh_token', refreshToken],
  ]),
);

/** What an access token stands for, while it is good. */
function find(token: string): Token | undefined {
  const found = accessTokens.get(token);
  return found && found.expiresAt > now() ? found : undefined;
}

function verify(header: string | undefined): Granted {
  const [, token] = /^Bearer +(.+)$/i.exec(header ?? '') ?? [];
  const found = token === undefined ? undefined : find(token);
  if (!found) throw new ProtocolError(401, 'invalid_token');
  return found;
}

/** @see RFC 7662 §2.2 */
function introspect(client: App, form: Fields): object {
  const found = find(requireField(form, 'token'));
  if (!found || (client !== api && client.client_id !== found.clientID)) return { active: false };
  const { clientID: client_id, subject: sub, scope, issuedAt: iat, expiresAt: exp } = found;
  return { active: true, client_id, sub, scope, token_type: 'Bearer', iat, exp }; // JSON leaves out what is undefined
}

export const plainTokens: Tokens = { issueCode, exchange, verify, introspect };
