/** What the weak server knows: clients, who is logged in, what waits for a decision, and what was issued. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { Weak } from './flaws.js';

export interface WeakClient {
  readonly client_id: string;
  /** Absent of public clients. */
  readonly client_secret?: string;
  readonly redirect_uris: readonly [string, ...string[]];
  readonly scope: readonly string[];
  /** A private key: the server looks at its public half only. */
  readonly signing_key?: JWK;
}

/** A request that waits for a browser. @see RFC 9126 */
export interface Pushed {
  readonly form: ReadonlyMap<string, string>;
  readonly clientID: string;
  /** The key of the proof that came with it. */
  readonly jkt: string | undefined;
  isAnswered: boolean;
}

/** This user lets this client do this; all that is issued from it ends together. */
export interface Authorization {
  readonly client: WeakClient;
  readonly user: string;
  readonly scope: readonly string[];
  readonly redirectURI: string;
  readonly challenge: string | undefined;
  readonly method: string;
  /** The key that its code is bound to. */
  readonly jkt: string | undefined;
  /** The key that refresh tokens of a public client are bound to. */
  refreshJKT?: string | undefined;
  isRevoked: boolean;
}

export interface Transaction {
  readonly id: string;
  /** Whose dialog it is. */
  readonly session: string;
  readonly authorization: Authorization;
  readonly state: string | undefined;
  readonly responseType: string;
  readonly responseMode: string | undefined;
  /** The request_uri that it came by. */
  readonly reference: string | undefined;
}

/** A device that waits, or was answered. @see RFC 8628 */
export interface Device {
  readonly client: WeakClient;
  readonly userCode: string;
  /** Set by the decision; null for a denial. */
  authorization?: Authorization | null;
  isSpent: boolean;
  /** When it asked last, in milliseconds. */
  askedAt: number;
}

/** The dialog of a device. */
export interface DeviceDialog {
  readonly device: Device;
  /** Whose dialog it is. */
  readonly session: string;
}

export type Kind = 'code' | 'access_token' | 'refresh_token' | 'id_token';

/** Seconds that access tokens are said to live. */
export const LIFETIME = 600;

/** What a token of an exchange has besides. */
export interface Further {
  readonly audience?: string;
  /** Who acts. */
  readonly act?: string;
  /** Who may act; nobody in particular, unless it is said. */
  readonly mayAct?: string;
  readonly expiresAt: number;
}

export interface Issued extends Further {
  readonly kind: Kind;
  readonly authorization: Authorization;
  readonly scope: readonly string[];
  /** The key that it is bound to. */
  readonly jkt?: string | undefined;
  isSpent: boolean;
  /** What it was answered with, and when. */
  answer?: { readonly body: object; readonly at: number };
}

export const random = (): string => randomBytes(24).toString('base64url');

const SCOPE = ['read', 'write'] as const;
const uris = (name: string): [string, string] => [
  `https://${name}.example/callback`,
  `https://${name}.example/other-callback`,
];

const signingKey = (kid: string): JWK => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...(privateKey.export({ format: 'jwk' }) as JWK), alg: 'ES256', kid };
};

const CLIENTS: readonly WeakClient[] = [
  {
    client_id: 'the-client',
    client_secret: random(),
    redirect_uris: uris('client'),
    scope: SCOPE,
    signing_key: signingKey('one'),
  },
  {
    client_id: 'other-client',
    client_secret: random(),
    redirect_uris: uris('other'),
    scope: SCOPE,
    signing_key: signingKey('two'),
  },
  { client_id: 'public-client', redirect_uris: uris('public'), scope: SCOPE },
  { client_id: 'the-service', client_secret: random(), redirect_uris: uris('service'), scope: SCOPE },
];

export class State {
  readonly clients = new Map(CLIENTS.map((client) => [client.client_id, client]));
  /** User names, by the value of the cookie. */
  readonly sessions = new Map<string, string>();
  readonly transactions = new Map<string, Transaction>();
  readonly pushed = new Map<string, Pushed>();
  /** By their device codes. */
  readonly devices = new Map<string, Device>();
  readonly deviceDialogs = new Map<string, DeviceDialog>();
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

  issue(
    kind: Kind,
    authorization: Authorization,
    scope = authorization.scope,
    jkt?: string,
    further: Further = { expiresAt: this.now + LIFETIME },
  ): string {
    const isCounted = kind === 'code' && this.#weak('code-guessing');
    const secret = isCounted ? `${random().slice(0, 4)}-${this.#issued.size}` : random();
    this.#issued.set(secret, { kind, authorization, scope, jkt, isSpent: false, ...further });
    return secret;
  }

  /** What was issued under this secret, also when it has ended. */
  issued(secret: string): Issued | undefined {
    return this.#issued.get(secret);
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
