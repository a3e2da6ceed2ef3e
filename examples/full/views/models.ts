/** What each page is told. Whoever writes other views writes functions of these models, and nothing else has to change. */

export interface UserModel {
  readonly name: string;
}

export interface HomeModel {
  readonly user?: UserModel | undefined;
  readonly csrf: string;
}

/** Posts csrf, return_to, username and password to /login. */
export interface LoginModel {
  readonly csrf: string;
  readonly returnTo: string;
  readonly username?: string | undefined;
  readonly problem?: string | undefined;
  /** The client that waits for the login. */
  readonly clientName?: string | undefined;
  /** A line below the form: an example names its users there, a product its way to a forgotten password. */
  readonly hint?: string | undefined;
}

export interface ScopeModel {
  readonly name: string;
  readonly meaning: string;
  /** The client was not allowed this yet. */
  readonly isNew: boolean;
}

/** Posts transaction_id, a scope for each that is ticked, and cancel when it is Deny, to /authorize/decision. */
export interface ConsentModel {
  readonly transactionID: string;
  /** @param host where the answer goes: of the redirect URI, which nobody can make up; @param uri the client's home page */
  readonly client: { readonly name: string; readonly uri?: string | undefined; readonly host: string };
  readonly user: UserModel;
  readonly scopes: readonly ScopeModel[];
  /** Where someone else logs in and comes back to this request: `/login?return_to=...`. */
  readonly changeUser?: string | undefined;
}

export interface ConnectedApp {
  readonly clientID: string;
  readonly name: string;
  /** `connected`: it holds tokens. `remembered`: it holds none, but it would get them without a question. */
  readonly state: 'connected' | 'remembered';
  /** Their meanings, for people: of its tokens, or of what is remembered. */
  readonly scopes: readonly string[];
  readonly since: Date;
}

/** Posts csrf and client_id to /connected/revoke. */
export interface ConnectedModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly apps: readonly ConnectedApp[];
  /** What was just done: "Postcards is disconnected." */
  readonly notice?: string | undefined;
}

export interface ClientModel {
  readonly client_id: string;
  readonly client_name: string;
  readonly redirect_uris: readonly string[];
  /** Absent: any in which a secret is sent. */
  readonly token_endpoint_auth_method?: string | undefined;
  /** A setting that gives up something, which the page says. */
  readonly pkce?: 'may be missing' | undefined;
}

/** Posts csrf and client_id to /clients/remove. */
export interface ClientsModel {
  readonly user: UserModel;
  readonly csrf: string;
  readonly clients: readonly ClientModel[];
}

/**
 * Posts csrf, client_name, redirect_uris (one in a line), type (confidential or public), method (how the secret is sent; empty for any)
 * and pkce (`may be missing`, or absent) to /clients/new.
 */
export interface RegistrationModel {
  readonly csrf: string;
  readonly user?: UserModel | undefined;
  readonly values?: Readonly<Record<'name' | 'uris' | 'type' | 'method' | 'pkce', string>> | undefined;
  readonly problem?: string | undefined;
  /** Which field the problem is about. */
  readonly field?: 'name' | 'uris' | 'type' | 'method' | 'pkce' | undefined;
}

export interface RegisteredModel {
  readonly client: { readonly client_id: string; readonly client_name: string };
  /** Shown this once; absent for a public client. */
  readonly secret?: string | undefined;
  readonly user?: UserModel | undefined;
  readonly csrf?: string | undefined;
}

export interface ErrorModel {
  readonly status: number;
  readonly title: string;
  /** What happened and what to do, in the words of a user; never a code or a cause that would help an attacker. */
  readonly message: string;
  /** By which the operator finds it in the log. */
  readonly reference?: string | undefined;
}
