/** The models of the pages. To replace the views, write functions of these models; nothing else has to change. */
import type { Refusal } from 'koauthorize';

export interface UserModel {
  readonly name: string;
}

export interface HomeModel {
  readonly user?: UserModel | undefined;
  readonly csrf: string;
}

/** Posts csrf, return_to, transaction_id, client_id, username and password to /login. */
export interface LoginModel {
  readonly csrf: string;
  readonly returnTo: string;
  /** The authorization request that waits for the login. */
  readonly transactionID?: string | undefined;
  readonly username?: string | undefined;
  readonly problem?: string | undefined;
  /** The client whose request led to the login. */
  readonly clientID?: string | undefined;
  readonly clientName?: string | undefined;
  /** A line below the form: this example names its users there; a product could link to its page for forgotten passwords. */
  readonly hint?: string | undefined;
}

export interface ScopeModel {
  readonly name: string;
  readonly meaning: string;
  /** Whether the user has not allowed this scope to the client before. */
  readonly isNew: boolean;
  /** The claims of the user that the client gets by this scope. */
  readonly claims: readonly ClaimModel[];
}

/** A claim of a user, such as `given name` and its value. */
export interface ClaimModel {
  readonly name: string;
  readonly value: string;
}

/** Posts user_code to /device. */
export interface DeviceCodeModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly userCode?: string | undefined;
  readonly problem?: string | undefined;
}

/** Posts device_id, each scope that is ticked, and `cancel` for Deny, to /device/decision. */
export interface DeviceModel extends Pick<ConsentModel, 'scopes' | 'claims' | 'payments'> {
  readonly id: string;
  readonly userCode: string;
  readonly client: { readonly name: string; readonly uri?: string | undefined };
  readonly user: UserModel;
  /** Where the request of the device came from. `device` is the device's own description, which proves nothing. */
  readonly from: { readonly device?: string | undefined; readonly address: string; readonly isHere: boolean };
}

export interface DeviceDoneModel {
  readonly clientName: string;
  readonly isAllowed: boolean;
}

/** The CIBA requests that wait for the user, with the IDs for their links. */
export interface RequestsModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly waiting: readonly { readonly id: string; readonly name: string; readonly message: string }[];
}

/** Posts dialog_id, each scope that is ticked, and `cancel` for Deny, to /backchannel/decision. */
export interface AskedModel extends Pick<ConsentModel, 'scopes' | 'claims' | 'payments'> {
  readonly dialogID: string;
  /** The message, which the client shows, too. */
  readonly message: string;
  readonly client: { readonly name: string; readonly uri?: string | undefined };
  readonly user: UserModel;
}

export interface AskedDoneModel {
  readonly became: 'allowed' | 'denied' | 'gone';
}

/** The model for a dialog that was answered before. */
export interface AnsweredModel {
  readonly isAllowed: boolean;
  readonly clientName: string;
  /** The client's home page, if it has registered one. */
  readonly clientURI?: string | undefined;
}

/** Posts transaction_id to /authorize/account. */
export interface ChooseModel {
  readonly transactionID: string;
  readonly clientName: string;
  readonly user: UserModel;
  /** The login page, for another account. */
  readonly other: string;
}

/** Links to the page of each part. The numbers tell how many there are. */
export interface AccountModel {
  readonly user: UserModel & { readonly email: string };
  readonly csrf: string;
  readonly claims: readonly ClaimModel[];
  /** Applications that may act for the user now. */
  readonly apps: number;
  readonly sessions: number;
  readonly passkeys: number;
  /** Requests that wait for the user's answer. */
  readonly requests: number;
  /** Clients that the user has registered. */
  readonly clients: number;
}

export interface SessionModel {
  readonly id: string;
  readonly since: Date;
  readonly browser: string;
  readonly address: string;
  /** The names of the applications that have access from this session. */
  readonly apps: readonly string[];
  readonly isHere: boolean;
}

/** Posts csrf and id, which may be `all`, to /sessions/end. */
export interface SessionsModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly sessions: readonly SessionModel[];
  readonly notice?: string | undefined;
}

/** Posts logout_id, and `cancel` for Stay, to /end-session/decision. */
export interface LogoutModel {
  /** Set while the user is asked. */
  readonly id?: string | undefined;
  readonly isOver: boolean;
  readonly clientName?: string | undefined;
  /** Pages of applications, to be loaded in hidden frames: they log the user out there. */
  readonly frames: readonly string[];
  readonly returnTo?: string | undefined;
}

/** Posts transaction_id, a `scope` for each ticked scope, and `cancel` for Deny, to /authorize/decision. */
export interface ConsentModel {
  readonly transactionID: string;
  /** `host` is the host of the validated redirect URI, to which the answer is sent. `uri` is the client's home page. */
  readonly client: {
    readonly name: string;
    readonly uri?: string | undefined;
    readonly host: string;
    /** The host of its document, for a client that nobody has registered. It is the only verified fact about such a client. */
    readonly documentHost?: string | undefined;
    /** Whether any program on the user's machine can pretend to be this client. */
    readonly isLocalOnly: boolean;
  };
  readonly user: UserModel;
  readonly scopes: readonly ScopeModel[];
  /** Further claims that the client asks for, one by one. */
  readonly claims: readonly ClaimModel[];
  /** Payments, in words. The decision of the dialog allows or denies them. */
  readonly payments: readonly string[];
  /** The login page, where another user can log in and return to this request: `/login?transaction_id=...`. */
  readonly changeUser?: string | undefined;
}

/**
 * Posts csrf and answer to /account/passkeys; csrf and id to /account/passkeys/remove. If the user has to use a passkey first, posts only answer, to
 * /account/passkeys/show.
 */
export interface PasskeysModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly passkeys: readonly { readonly id: string; readonly since: Date }[];
  /** Whether the user can add a passkey, or has to use one of these first. */
  readonly due: 'make' | 'show';
  /** The WebAuthn options for the browser. */
  readonly options: object;
  readonly problem?: string | undefined;
}

/** Posts transaction_id and answer to /authorize/passkey. */
export interface PasskeyQuestionModel {
  readonly transactionID: string;
  readonly clientName: string;
  readonly user: UserModel;
  /** The WebAuthn options for the browser; absent for a user who has no passkey. */
  readonly options?: object | undefined;
  readonly problem?: string | undefined;
}

export interface ConnectedApp {
  readonly clientID: string;
  readonly name: string;
  /** `connected`: the application has tokens. `remembered`: it has none, but would get some without asking the user. */
  readonly state: 'connected' | 'remembered';
  /** The texts of the scopes of its tokens, or of the remembered consent. */
  readonly scopes: readonly string[];
  readonly since: Date;
}

/** Posts csrf and client_id to /connected/revoke. */
export interface ConnectedModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly apps: readonly ConnectedApp[];
  /** A message about the last action: "Postcards is disconnected." */
  readonly notice?: string | undefined;
}

export interface ClientModel {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  /** Absent if the client may use every method that sends a secret. */
  readonly token_endpoint_auth_method?: string | undefined;
  /** Set if the client may omit PKCE. The page must show what this gives up. */
  readonly pkce?: 'may be missing' | undefined;
}

/** Links to /clients/client?client_id=. */
export interface ClientsModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly clients: readonly ClientModel[];
}

/** Posts csrf and client_id to /clients/rotate; links to /clients/change?client_id= and /clients/remove?client_id=. */
export interface ClientPageModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly client: ClientModel;
  /** A request to try the client with, and the command that exchanges its code. */
  readonly attempt: { readonly url: string; readonly redirectURI: string; readonly command: string };
  /** A message about the last action. */
  readonly notice?: string | undefined;
}

/** Posts csrf and client_id to /clients/remove. */
export interface RemovalModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly client: ClientModel;
}

/**
 * Posts csrf, client_name, redirect_uris (one in each line), type (confidential or public), method (how the secret is sent; empty for any)
 * and pkce (`may be missing`, or absent) to /clients/new. For an existing client, posts to /clients/change, with client_id and without type.
 */
export interface RegistrationModel {
  readonly csrf: string;
  readonly user?: UserModel | undefined;
  /** The client that is changed. */
  readonly changed?: { readonly client_id: string; readonly client_name: string } | undefined;
  readonly values?: Readonly<Record<'name' | 'uris' | 'type' | 'method' | 'pkce', string>> | undefined;
  readonly problem?: string | undefined;
  /** The field that has the problem. */
  readonly field?: 'name' | 'uris' | 'type' | 'method' | 'pkce' | undefined;
}

export interface RegisteredModel {
  readonly client: { readonly client_id: string; readonly client_name: string };
  /** `rotated`: only the secret is new. */
  readonly was: 'registered' | 'rotated';
  /** Shown only on this page; absent for a public client. */
  readonly secret?: string | undefined;
  readonly user?: UserModel | undefined;
  readonly csrf?: string | undefined;
}

export interface ErrorModel {
  readonly status: number;
  readonly title: string;
  /** What happened, for the user. It contains no error code and no cause, which could help an attacker. */
  readonly message: string;
  /** The ID by which the operator finds the error in the log. */
  readonly traceID: string;
  /** The rule and its remedy, for developers. Absent in production. */
  readonly refusal?: Refusal | undefined;
}
