/** What the weak server knows of. */
import type { JWK } from 'jose';

export interface WeakClient {
  readonly client_id: string;
  /** Absent of public clients. */
  readonly client_secret?: string;
  readonly redirect_uris: readonly [string, ...string[]];
  readonly scope: readonly string[];
  /** A private key: the server looks at its public half only. */
  readonly signing_key?: JWK;
  /** It authenticates by what it signs, and by nothing else. */
  readonly byAssertion?: true;
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
  /** The APIs that its tokens are for; without any, all. */
  readonly resources: readonly string[];
  /** Where and when the user has logged in; undefined where nobody has, here. */
  readonly login?: Login | undefined;
  readonly nonce?: string | undefined;
  /** The key that refresh tokens of a public client are bound to. */
  refreshJKT?: string | undefined;
  isRevoked: boolean;
}

/** A user who is logged in. */
export interface Login {
  readonly session: string;
  readonly user: string;
  /** Epoch seconds. */
  readonly at: number;
}

export interface Transaction {
  readonly id: string;
  /** Whose dialog it is. */
  readonly session: string;
  /** The browser that it was shown in; only a flaw looks at it. */
  readonly browser: string | undefined;
  /** Whether the user has to log in again. */
  readonly needsLogin: boolean;
  /** Epoch seconds. */
  readonly at: number;
  readonly authorization: Authorization;
  readonly state: string | undefined;
  readonly responseType: string;
  readonly responseMode: string | undefined;
  /** The request_uri that it came by. */
  readonly reference: string | undefined;
}

/** A question whether to log out. */
export interface Logout {
  readonly session: string;
  /** Where the browser goes afterwards. */
  readonly uri: string | undefined;
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

/** A user who is asked, or was. @see CIBA */
export interface Asked {
  readonly client: WeakClient;
  readonly user: string;
  readonly message: string;
  /** Set by the decision; null for a denial. */
  authorization?: Authorization | null;
  isSpent: boolean;
  /** When the client asked last. */
  askedAt: number;
}

/** The dialog of a user who is asked. */
export interface AskedDialog {
  readonly asked: Asked;
  /** Whose dialog it is. */
  readonly session: string;
}

export type Kind = 'code' | 'access_token' | 'refresh_token' | 'id_token';

/** Seconds that access tokens are said to live. */
export const LIFETIME = 600;

/** What is said of a token. */
export interface Terms {
  readonly scope: readonly string[];
  /** The APIs that it is for; without any, all. */
  readonly audience: readonly string[];
  /** The key that it is bound to. */
  readonly jkt?: string | undefined;
  /** Who acts. */
  readonly act?: string;
  /** Who may act; nobody in particular, unless it is said. */
  readonly mayAct?: string;
  readonly expiresAt: number;
}

export interface Issued extends Terms {
  readonly kind: Kind;
  readonly authorization: Authorization;
  isSpent: boolean;
  /** What it was answered with, and when. */
  answer?: { readonly body: object; readonly at: number };
}
