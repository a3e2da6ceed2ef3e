/** DPoP proofs of an honest client, with the nonces of the server, and forged proofs. */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { type Attack, type AttackOutcome, skipped } from '../attack.js';
import type { AttackContext, Obtained } from '../context.js';
import { membersOf, type Page, send } from '../http.js';
import { describePage, random } from '../request.js';
import { type KeyPair, type Members, newKey, sign, withChanges } from '../signed/jwt.js';
import type { AttackClient } from '../target.js';

/** A proof with valid header and claims, not yet signed. */
export interface Draft {
  readonly header: Members;
  readonly claims: Members;
  readonly key: KeyPair;
}

/** Makes the proof of an attack from a valid draft. */
export type Make = (draft: Draft) => Promise<string> | string;

export const good: Make = ({ header, claims, key }) => sign(header, claims, key);

export const changed =
  (claims: Members, header: Members = {}): Make =>
  (draft) =>
    sign(withChanges(draft.header, header), withChanges(draft.claims, claims), draft.key);

export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** One key of a client. */
export class Prover {
  readonly #context: AttackContext;
  readonly #nonces: Map<string, string>;
  readonly #key: KeyPair;

  /** @param nonces the last nonce of each URL, which all keys may share */
  constructor(context: AttackContext, key: KeyPair, nonces = new Map<string, string>()) {
    this.#context = context;
    this.#nonces = nonces;
    this.#key = key;
  }

  /** Another key at the same server. */
  async another(): Promise<Prover> {
    return new Prover(this.#context, await newKey(), this.#nonces);
  }

  thumbprint(): Promise<string> {
    return calculateJwkThumbprint(this.#key.publicJWK);
  }

  async proof(method: string, url: string, make: Make = good, token?: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const nonce = this.#nonces.get(url);
    const claims = { jti: random(), htm: method, htu: url, iat: now, nonce, ath: token && athOf(token) };
    const header = { typ: 'dpop+jwt', jwk: this.#key.publicJWK };
    return make({ header, claims: withChanges(claims, {}), key: this.#key });
  }

  /** Sends a request with a proof, and again with the nonce if the server asks for one. @see RFC 9449 §8 */
  async #prove(
    method: string,
    url: string,
    make: Make,
    token: string | undefined,
    by: (proof: string) => Promise<Page>,
  ) {
    const page = await by(await this.proof(method, url, make, token));
    const nonce = page.headers.get('dpop-nonce');
    if (nonce === null || nonce === this.#nonces.get(url)) return page;
    this.#nonces.set(url, nonce);
    const isAsked = /use_dpop_nonce/.test(`${page.text} ${page.headers.get('www-authenticate')}`);
    return isAsked ? by(await this.proof(method, url, make, token)) : page;
  }

  exchange(client: AttackClient, obtained: Obtained, make: Make = good): Promise<Page> {
    const { endpoints, exchange } = this.#context;
    return this.#prove('POST', endpoints.token, make, undefined, (DPoP) => exchange(client, obtained, {}, { DPoP }));
  }

  refresh(client: AttackClient, refresh_token: string): Promise<Page> {
    const { endpoints, post } = this.#context;
    const fields = { grant_type: 'refresh_token', refresh_token };
    return this.#prove('POST', endpoints.token, good, undefined, (DPoP) =>
      post(client, fields, endpoints.token, { DPoP }),
    );
  }

  /** Sends a request to an API. */
  ask(url: string, token: string, make: Make = good): Promise<Page> {
    return this.#prove('GET', url, make, token, (DPoP) => this.askWith(url, token, DPoP));
  }

  /** Sends a request to an API with an existing proof. */
  askWith(url: string, token: string, DPoP: string): Promise<Page> {
    return send(url, { headers: { authorization: `DPoP ${token}`, DPoP } });
  }

  /** The tokens of an honest exchange, which are bound to the key. @throws Error if there are none, or if they are not bound */
  async obtainTokens(
    client: AttackClient,
  ): Promise<Readonly<Record<string, unknown>> & { readonly access_token: string }> {
    const page = await this.exchange(client, await this.#context.obtainCode(client));
    const tokens = membersOf(page);
    const { access_token, token_type } = tokens;
    if (page.status === 200 && typeof access_token === 'string' && /^dpop$/i.test(String(token_type)))
      return { ...tokens, access_token };
    throw new Error(
      `An honest exchange of ${client.client_id} with a proof gives no bound token: ${describePage(page)}`,
    );
  }
}

type About = Omit<Attack, 'run'>;

/**
 * An attack on a server that accepts proofs. An honest client with a key must get bound tokens first.
 *
 * @throws Error at the attack, if the client gets no bound tokens
 */
export function dpopAttack(
  about: About,
  attempt: (prover: Prover, context: AttackContext) => Promise<AttackOutcome>,
): Attack {
  return {
    ...about,
    async run(context) {
      const { dpop_signing_alg_values_supported: algorithms } = await context.metadata();
      if (!Array.isArray(algorithms)) return skipped('the metadata has no dpop_signing_alg_values_supported');
      const prover = new Prover(context, await newKey());
      await prover.obtainTokens(context.target.client);
      return attempt(prover, context);
    },
  };
}

/** A token that is bound to the key of a prover, and an API that accepts it. */
export interface BoundToken {
  readonly resource: string;
  readonly token: string;
}

/** A bound token that the API accepts with a proof; undefined if the target has no API. @throws Error if the API refuses it */
export async function boundToken(
  prover: Prover,
  { endpoints, target }: AttackContext,
): Promise<BoundToken | undefined> {
  const { resource } = endpoints;
  if (resource === undefined) return undefined;
  const { access_token: token } = await prover.obtainTokens(target.client);
  requireTaken((await prover.ask(resource, token)).status, resource);
  return { resource, token };
}

/** @throws Error if an honest request to the API does not succeed */
export function requireTaken(status: number, resource: string): void {
  if (status !== 200) throw new Error(`${resource} answers ${status} to a bound token with its proof`);
}
