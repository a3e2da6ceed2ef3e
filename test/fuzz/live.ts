/** Values that count: `{{code:web}}` in a request stands for a code of that client's, made when the request is sent. */
import type { Authorization, AuthorizationRequest, RedirectURI, TokenRequest } from 'koauthorize';
import { toParams } from '../../lib/syntax/param-map.js';
import { challengeOf } from '../support/authorization-server.js';
import { assertionOf, basicOf, type FuzzClient, thumbprintOf } from './clients.js';
import type { House } from './house.js';
import { PASSWORD } from './plugged.js';
import { get, type Wire } from './wire.js';

export const VERIFIER = 'a-verifier-of-the-tests_0123456789.0123456789~';
export const CHALLENGE = challengeOf(VERIFIER);

/** A dialog that waits, and what its answer must come with. */
export interface Waiting {
  readonly client: FuzzClient;
  readonly state: string;
  readonly transactionID: string;
  readonly cookie: string;
}

/** What makes further kinds of values, by the kind; `name` is all that follows the colon in the mark. */
export type Makers = Readonly<Record<string, (name: string, client: FuzzClient) => Promise<string>>>;

const MARK = /\{\{([a-z]+):([^{}]+)\}\}/g;

/** What one request is made from: the same mark is the same value throughout. */
export class Live {
  readonly #house: House;
  readonly #wire: Wire;
  readonly #makersOf: (live: Live) => Makers;
  #makers: Makers | undefined;
  readonly #values = new Map<string, string>();
  readonly #waiting = new Map<string, Waiting>();

  constructor(house: House, wire: Wire, makersOf: (live: Live) => Makers = () => ({})) {
    this.#house = house;
    this.#wire = wire;
    this.#makersOf = makersOf;
  }

  /** The kinds of the values that were asked for. */
  get kinds(): ReadonlySet<string> {
    return new Set([...this.#values.keys()].map((mark) => mark.split(':')[0] ?? ''));
  }

  /** A registered client. */
  readonly find = (id: string): FuzzClient | undefined => this.#house.registration.find(id);

  get waiting(): readonly Waiting[] {
    return [...this.#waiting.values()];
  }

  /** What nobody may read in an answer. */
  get secrets(): readonly string[] {
    const PUBLIC = /^(cert|challenge|cookie|pushed|jkt|usercode|deviceid|devicecookie|askid|dialogid|dialogcookie)/;
    return [...this.#values].flatMap(([mark, value]) => (PUBLIC.test(mark) ? [] : [value]));
  }

  /** The values of another request: the same codes, also of devices, and everything else new. */
  withItsCodes(): Live {
    const live = new Live(this.#house, this.#wire, this.#makersOf);
    for (const [mark, value] of this.#values) if (/^((device)?code|authreq):/.test(mark)) live.#values.set(mark, value);
    return live;
  }

  async fill(text: string): Promise<string> {
    let filled = text;
    for (const [mark, kind = '', name = ''] of text.matchAll(MARK)) {
      const key = `${kind}:${name}`;
      const value = this.#values.get(key) ?? (await this.#make(kind, name));
      if (value === undefined) continue;
      this.#values.set(key, value);
      filled = filled.replaceAll(mark, value);
    }
    return filled;
  }

  async #make(kind: string, name: string): Promise<string | undefined> {
    const { registration, clock } = this.#house;
    const client = registration.find(name.replace(/[!].*$/, ''));
    if (!client) return undefined;
    this.#makers ??= this.#makersOf(this); // which remember what belongs together
    const more = this.#makers;
    if (Object.hasOwn(more, kind)) return more[kind]?.(name, client);
    const makers: Readonly<Record<string, () => string | Promise<string>>> = {
      code: () => this.#code(client),
      spentcode: async () => (await this.#connected(client)).code,
      refresh: async () => (await this.#connected(client)).refresh,
      spentrefresh: () => this.#spentRefresh(client),
      access: async () => (await this.#connected(client)).access,
      secret: () => client.client_secret ?? '',
      basic: () => basicOf(client),
      assertion: () => assertionOf(client, clock.now),
      cert: () => registration.certificateOf(name),
      password: () => PASSWORD,
      verifier: () => VERIFIER,
      txn: async () => (await this.#dialog(name, client)).transactionID,
      cookie: async () => (await this.#dialog(name, client)).cookie,
    };
    return Object.hasOwn(makers, kind) ? makers[kind]?.() : undefined;
  }

  #authorization({ client_id, redirect_uris: [uri = ''], scope = 'read write' }: FuzzClient): Authorization {
    const request: AuthorizationRequest = {
      type: 'code',
      clientID: client_id,
      redirectURI: uri,
      codeChallenge: CHALLENGE,
      codeChallengeMethod: 'S256',
    };
    return { clientID: client_id, redirectURI: uri, scope: scope.split(' '), request };
  }

  async #code(client: FuzzClient): Promise<string> {
    const authorization = this.#authorization(client);
    const user = { id: 'alice', name: 'alice' };
    const txn = { client, redirectURI: authorization.redirectURI as RedirectURI, req: authorization.request, user };
    return this.#house.tokens.code.issue(txn, authorization);
  }

  #request(client: FuzzClient, params: Readonly<Record<string, string>>): TokenRequest<FuzzClient> {
    const isBound = client.tls_client_certificate_bound_access_tokens === true;
    const certificate = this.#house.registration.certificateOf(client.client_id);
    return {
      grantType: 'authorization_code',
      client,
      params: toParams(new Map(Object.entries(params))),
      body: params,
      ...(isBound && { confirmation: { 'x5t#S256': thumbprintOf(certificate) } }),
    };
  }

  /** From a code to its tokens. */
  async #connected(client: FuzzClient): Promise<{ code: string; access: string; refresh: string }> {
    const { tokens } = this.#house;
    const code = await this.#code(client);
    const request = this.#request(client, { code });
    const granted = await tokens.code.redeem(code, request);
    if (!granted) throw new Error('A fresh code is good');
    const { access_token, refresh_token } = await tokens.code.issue(granted, request);
    return { code, access: access_token, refresh: refresh_token ?? '' };
  }

  /** Spent, and too long ago for the same answer again. */
  async #spentRefresh(client: FuzzClient): Promise<string> {
    const { tokens, clock } = this.#house;
    const { refresh } = await this.#connected(client);
    const request = this.#request(client, { refresh_token: refresh });
    const granted = await tokens.refreshToken.redeem(refresh, request);
    if (granted) await tokens.refreshToken.issue(granted, request);
    clock.now += 11;
    return refresh;
  }

  /** @param name the client's, and after `!` what kind of request waits: `web!token` */
  async #dialog(name: string, client: FuzzClient): Promise<Waiting> {
    const known = this.#waiting.get(name);
    if (known) return known;
    const [, kind = 'code'] = name.split('!');
    const state = `state of ${name}: ü&=#%?`;
    const query = new URLSearchParams({
      response_type: kind === 'post' ? 'code' : kind,
      ...(kind === 'post' && { response_mode: 'form_post' }),
      client_id: client.client_id,
      redirect_uri: client.redirect_uris[0] ?? '',
      scope: 'read write',
      state,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    });
    const { text, all } = await get(this.#wire, `/authorize?${query}`);
    const [, transactionID = ''] = /name="transaction_id" value="([^"]+)"/.exec(text) ?? [];
    const cookie = all('set-cookie').map((one) => one.split(';')[0]);
    if (!transactionID || !cookie.length) throw new Error(`No dialog for ${name}: ${text}`);
    const waiting = { client, state, transactionID, cookie: cookie.join('; ') };
    this.#waiting.set(name, waiting);
    return waiting;
  }
}
