/**
 * Codes and tokens in Maps, with what koauthorize promises of them: only hashes are kept, a code or refresh token that is used twice ends its authorization,
 * a client that lost the answer to a refresh gets it again for 10 seconds, and what has expired is removed.
 */
import { createCipheriv, createDecipheriv, createHash, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type App, api, LIFETIMES } from '../clients.js';
import { exchangeBy } from './exchange.js';
import { type Fields, ProtocolError, requireField } from './protocol-error.js';
import type { Granted, NewCode, Tokens } from './tokens.js';

/** What one decision of a user, or one request of a client for itself, has led to. */
interface Authorization extends Granted {
  isEnded: boolean;
}

interface Issued {
  readonly authorization: Authorization;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

interface Code extends Issued, Pick<NewCode, 'redirectURI' | 'codeChallenge'> {
  isSpent: boolean;
}

interface RefreshToken extends Issued {
  spent?: { readonly at: number; readonly answer: string };
}

const GRACE = 10;
const IV = 12;
const TAG = 16;

const now = (): number => Math.floor(Date.now() / 1000);
const idOf = (secret: string): string => hash('sha256', secret, 'base64url');
const keyOf = (secret: string): Buffer => hash('sha256', `answer:${secret}`, 'buffer');

/** By hash, in the order in which they expire: all of one sort live equally long. */
class Kept<T extends Issued> {
  readonly #kept = new Map<string, T>();
  readonly #lifetime: number;

  constructor(lifetime: number) {
    this.#lifetime = lifetime;
  }

  add(make: (issuedAt: number, expiresAt: number) => T): string {
    const secret = randomBytes(32).toString('base64url');
    const at = now();
    this.#removeExpired(at);
    this.#kept.set(idOf(secret), make(at, at + this.#lifetime));
    return secret;
  }

  find(secret: string): T | undefined {
    const found = this.#kept.get(idOf(secret));
    return found && !found.authorization.isEnded && found.expiresAt > now() ? found : undefined;
  }

  #removeExpired(at: number): void {
    for (const [id, { expiresAt }] of this.#kept) {
      if (expiresAt > at) return;
      this.#kept.delete(id);
    }
  }
}

const codes = new Kept<Code>(LIFETIMES.code);
const accessTokens = new Kept<Issued>(LIFETIMES.accessToken);
const refreshTokens = new Kept<RefreshToken>(LIFETIMES.refreshToken);

function seal(text: string, secret: string): string {
  const iv = randomBytes(IV);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal(sealed: string, secret: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, IV));
  decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
  return Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString();
}

function issueCode({ redirectURI, codeChallenge, ...granted }: NewCode): string {
  const authorization = { ...granted, isEnded: false };
  return codes.add((issuedAt, expiresAt) => ({
    authorization,
    issuedAt,
    expiresAt,
    redirectURI,
    codeChallenge,
    isSpent: false,
  }));
}

function answer(authorization: Authorization) {
  const access_token = accessTokens.add((issuedAt, expiresAt) => ({ authorization, issuedAt, expiresAt }));
  return { access_token, token_type: 'Bearer', expires_in: LIFETIMES.accessToken, scope: authorization.scope };
}

function answerWithRefreshToken(authorization: Authorization) {
  const refresh_token = refreshTokens.add((issuedAt, expiresAt) => ({ authorization, issuedAt, expiresAt }));
  return { ...answer(authorization), refresh_token };
}

function clientCredentials(client: App, form: Fields): object {
  const scope = form['scope'] ?? client.scope;
  if (scope !== client.scope) throw new ProtocolError(400, 'invalid_scope');
  return answer({ clientID: client.client_id, scope: client.scope, isEnded: false });
}

/** What this client was given. @throws ProtocolError for what is another's, or unknown */
function own<T extends Issued>(found: T | undefined, client: App): T {
  if (found?.authorization.clientID !== client.client_id) throw new ProtocolError(400, 'invalid_grant');
  return found;
}

/** Someone has what they should not. @throws ProtocolError */
function end(authorization: Authorization): never {
  authorization.isEnded = true;
  throw new ProtocolError(400, 'invalid_grant');
}

function isChallengeOf(verifier: string, challenge: string): boolean {
  const [one, other] = [createHash('sha256').update(verifier).digest(), Buffer.from(challenge, 'base64url')];
  return one.length === other.length && timingSafeEqual(one, other);
}

function authorizationCode(client: App, form: Fields): object {
  const verifier = requireField(form, 'code_verifier');
  const code = own(codes.find(requireField(form, 'code')), client);
  if (code.isSpent) end(code.authorization);
  if (!isChallengeOf(verifier, code.codeChallenge) || code.redirectURI !== form['redirect_uri'])
    throw new ProtocolError(400, 'invalid_grant');
  code.isSpent = true;
  return answerWithRefreshToken(code.authorization);
}

function refreshToken(client: App, form: Fields): object {
  const secret = requireField(form, 'refresh_token');
  const found = own(refreshTokens.find(secret), client);
  const { spent, authorization } = found;
  if (spent) {
    if (now() - spent.at > GRACE) end(authorization);
    return JSON.parse(unseal(spent.answer, secret)) as object;
  }
  const given = answerWithRefreshToken(authorization);
  found.spent = { at: now(), answer: seal(JSON.stringify(given), secret) };
  return given;
}

const exchange = exchangeBy(
  new Map([
    ['client_credentials', clientCredentials],
    ['authorization_code', authorizationCode],
    ['refresh_token', refreshToken],
  ]),
);

function verify(header: string | undefined): Granted {
  const [, token] = /^Bearer +(.+)$/i.exec(header ?? '') ?? [];
  const found = token === undefined ? undefined : accessTokens.find(token);
  if (!found) throw new ProtocolError(401, 'invalid_token');
  return found.authorization;
}

function introspect(client: App, form: Fields): object {
  const found = accessTokens.find(requireField(form, 'token'));
  if (!found || (client !== api && client.client_id !== found.authorization.clientID)) return { active: false };
  const { authorization, issuedAt: iat, expiresAt: exp } = found;
  const { clientID: client_id, subject: sub, scope } = authorization;
  return { active: true, client_id, sub, scope, token_type: 'Bearer', iat, exp };
}

export const safeTokens: Tokens = { issueCode, exchange, verify, introspect };
