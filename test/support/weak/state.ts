/** What the weak server knows: clients, who is logged in, what waits for a decision, and what was issued. */

import { CLIENTS, signingKey } from './clients.js';
import type { Weak } from './flaws.js';
import { signJWT } from './jwt.js';
import {
  type Asked,
  type AskedDialog,
  type Authorization,
  type Device,
  type DeviceDialog,
  type Issued,
  type Kind,
  LIFETIME,
  type Login,
  type Logout,
  type Pushed,
  type Terms,
  type Transaction,
} from './nouns.js';
import { random } from './random.js';
import type { RegisteredClient } from './registration.js';

export * from './nouns.js';
export { random } from './random.js';

export class State {
  readonly clients = new Map(CLIENTS.map((client) => [client.client_id, client]));
  /** By the value of the cookie. */
  readonly sessions = new Map<string, Login>();
  /** Logouts that wait for an answer. */
  readonly logouts = new Map<string, Logout>();
  /** What a user has allowed last, and the last nonce; only flaws look at them. */
  last: Authorization | undefined;
  lastNonce: string | undefined;
  readonly transactions = new Map<string, Transaction>();
  readonly pushed = new Map<string, Pushed>();
  /** By their device codes. */
  readonly devices = new Map<string, Device>();
  readonly registered = new Map<string, RegisteredClient>();
  readonly deviceDialogs = new Map<string, DeviceDialog>();
  /** By their auth_req_id. */
  readonly asked = new Map<string, Asked>();
  readonly askedDialogs = new Map<string, AskedDialog>();
  /** Wrong user codes, by the user who typed them. */
  readonly wrongCodes = new Map<string, number>();
  /** Proofs that were used. */
  readonly proofs = new Set<string>();
  /** Whose assertions count. */
  readonly trusted = [
    { issuer: 'https://idp.example', signing_key: signingKey('idp') },
    { issuer: 'https://other-idp.example', signing_key: signingKey('other-idp') },
  ] as const;
  /** Assertions that were used. */
  readonly assertions = new Set<string>();
  /** Signs authorization responses. */
  readonly responseKey = signingKey('of the server');
  /** Clients that a user has allowed something; only a flaw looks at it. */
  readonly agreed = new Set<string>();
  readonly issuer: string;
  /** An error that is not told, but thrown. */
  failsFor: string | undefined;
  guessesLeft = Number.POSITIVE_INFINITY;
  /** Seconds in which a spent refresh token is answered again. */
  grace = 0;
  /** Seconds, of a clock that goes when it is told to. */
  now = 0;
  readonly #issued = new Map<string, Issued>();
  readonly #weak: Weak;

  constructor(issuer: string, weak: Weak) {
    this.issuer = issuer;
    this.#weak = weak;
  }

  issue(kind: Kind, authorization: Authorization, terms: Partial<Terms> = {}): string {
    const { audience = [] } = terms;
    const secret = kind === 'access_token' ? this.#accessToken(authorization, audience) : this.#secret(kind);
    return this.keep(secret, kind, authorization, terms);
  }

  /** Keeps what was issued. @returns the secret */
  keep(secret: string, kind: Kind, authorization: Authorization, terms: Partial<Terms> = {}): string {
    const usual = { scope: authorization.scope, audience: [], expiresAt: this.now + LIFETIME };
    this.#issued.set(secret, { kind, authorization, isSpent: false, ...usual, ...terms });
    return secret;
  }

  /** What was issued under this secret, also when it has ended. */
  issued(secret: string): Issued | undefined {
    return this.#issued.get(secret);
  }

  #secret(kind: Kind): string {
    const isCounted = kind === 'code' && this.#weak('code-guessing');
    return isCounted ? `${random().slice(0, 4)}-${this.#issued.size}` : random();
  }

  /** RFC 9068 §2 */
  #accessToken({ client, user }: Authorization, audience: readonly string[]): string {
    const passes = this.#weak('access-token-as-id-token');
    const own = audience.length > 0 ? audience : [this.issuer];
    const about = { iss: this.issuer, sub: user, client_id: client.client_id, aud: passes ? client.client_id : own };
    const iat = Math.floor(this.time());
    return signJWT(
      this.responseKey,
      { ...about, iat, exp: iat + LIFETIME, jti: random() },
      { typ: passes ? 'JWT' : 'at+jwt' },
    );
  }

  /** Epoch seconds. */
  time(): number {
    return Date.now() / 1000 + this.now;
  }

  /** What was issued under this secret and did not end, spent or not. */
  find(kind: Kind, secret: string | undefined): Issued | undefined {
    const found = this.#issued.get(secret ?? '');
    if (!found || found.authorization.isRevoked) return undefined;
    return found.kind === kind || this.#counts(kind) ? found : undefined;
  }

  /** Whether all that was issued counts as of this kind. */
  #counts(kind: Kind): boolean {
    if (kind === 'code') return this.#weak('token-confusion:code');
    return this.#weak(kind === 'access_token' ? 'token-confusion' : 'token-confusion:refresh-token');
  }

  remove(secret: string): void {
    this.#issued.delete(secret);
  }

  /** Ends what is of this kind and from this authorization. */
  removeAll(kind: Kind, authorization: Authorization): void {
    for (const [secret, issued] of this.#issued)
      if (issued.kind === kind && issued.authorization === authorization) this.remove(secret);
  }

  /** The newest that is not this one: what a database finds that is asked for `{ $ne: value }`. */
  newestBut(kind: string, value: string): string | undefined {
    const others = [...this.#issued].filter(([secret, issued]) => issued.kind === kind && secret !== value);
    return others.at(-1)?.[0];
  }
}
