/** Values that the application configures once: in the options of the token service, or in those of the server that it is connected to. */

import { isDeepStrictEqual } from 'node:util';
import { epoch } from '../clock.js';
import type { AccessTokenTerms, ClientTerms, ServerFacts } from '../plugs.js';
import { requireNoPromise } from '../promise.js';
import { both } from '../registry/asked.js';
import type { AuthenticationEvent } from '../types.js';
import type { IssuerFacts } from './access-token.js';
import type { TokenServiceOptions } from './options.js';

/** Options, and the name of the function that took them. */
interface Source<T> {
  /** The name of the function, such as `createServer`. */
  readonly by: string;
  readonly facts: T;
}

function written(value: unknown): string {
  return typeof value === 'string' ? ` (${value})` : '';
}

/**
 * The value of an option that several functions take.
 *
 * @returns undefined if none of them was given it
 * @throws Error if two were given different values: the message names both
 */
export function agreed<T extends object, N extends keyof T & string>(
  sources: readonly Source<T>[],
  name: N,
): T[N] | undefined {
  let first: Source<T> | undefined;
  for (const source of sources) {
    const value = source.facts[name];
    if (value === undefined) continue;
    const earlier = (first ?? source).facts[name];
    if (earlier !== value)
      throw new Error(
        `${first?.by}({ ${name} })${written(earlier)} and ${source.by}({ ${name} })${written(value)} differ: say it once`,
      );
    first ??= source;
  }
  return first?.facts[name];
}

/** The options that the service and its server have in common. */
type Own<C, U> = Pick<TokenServiceOptions<C, U>, 'clientID' | 'subject' | 'authenticationEvent'>;

/** The functions that read a client or a user. */
interface Asked<C, U> {
  clientID(client: C): string | undefined;
  subject(user: U): string | undefined;
  authenticationEvent(user: U): AuthenticationEvent | undefined;
}

/** The facts of the servers that the service is connected to. Each fact is read when it is needed, so it may be configured after `connect`. */
export class Learned<C, U> {
  readonly #own: Own<C, U>;
  readonly #servers: Source<Partial<ServerFacts<C, U>>>[] = [];
  readonly issuer: IssuerFacts;

  constructor(own: Own<C, U>) {
    this.#own = own;
    const servers = this.#servers;
    this.issuer = {
      get issuer() {
        return agreed(servers, 'issuer');
      },
      get keys() {
        return agreed(servers, 'keys');
      },
    };
  }

  /** Adds a server. @throws Error if this server and an earlier one have different issuers or keys */
  connect(server: Partial<ServerFacts<C, U>>): void {
    const source = { by: 'createServer', facts: server };
    const all = [...this.#servers, source];
    agreed(all, 'issuer');
    agreed(all, 'keys');
    this.#servers.push(source);
  }

  /** Finds a client by its identifier; undefined if the first server cannot find clients. */
  findClient(clientID: string): Promise<C | undefined> | undefined {
    return this.#servers[0]?.facts.findClient?.(clientID);
  }

  /** The subject identifier that a client is given for a user: that of the first server that gives another one than the subject; or the subject itself. */
  async outwardSubject(subject: string, client: C): Promise<string> {
    for (const { facts } of this.#servers) {
      const outward = (await facts.outwardSubject?.(subject, client)) ?? subject;
      if (outward !== subject) return outward;
    }
    return subject;
  }

  /** The terms of the access tokens for these APIs. @throws OAuth2Error of an extension if one token cannot be for all of them */
  accessTokenTerms(audience: readonly string[]): AccessTokenTerms {
    for (const { facts } of this.#servers) {
      const terms = facts.accessTokenTerms?.(audience);
      if (terms) return terms;
    }
    return {};
  }

  /** The terms of the extensions of all servers for a client: a code of one server can be redeemed at the others, too. */
  clientTerms(client: C): ClientTerms {
    let keepsRefreshTokens = false;
    let codeLifetime = Number.POSITIVE_INFINITY;
    let confirm: ClientTerms['confirm'];
    for (const { facts } of this.#servers) {
      const terms = facts.clientTerms?.(client);
      keepsRefreshTokens ||= terms?.keepsRefreshTokens === true;
      codeLifetime = Math.min(codeLifetime, terms?.codeLifetime ?? codeLifetime);
      confirm = both(confirm, terms?.confirm);
    }
    return { keepsRefreshTokens, codeLifetime, confirm };
  }

  /** The time of the first server, in epoch seconds; without a server, the time of the machine. */
  now(): number {
    return this.#servers[0]?.facts.now?.() ?? epoch();
  }

  /**
   * Calls a function of the options and of the servers for a client or a user.
   *
   * @throws TypeError for a promise, which would count as a value
   * @throws Error if two of them give different values
   */
  ask<N extends keyof Asked<C, U>>(
    name: N,
    about: Parameters<Asked<C, U>[N]>[0],
  ): ReturnType<Asked<C, U>[N]> | undefined {
    type Ask = (about: unknown) => ReturnType<Asked<C, U>[N]> | undefined;
    let said = (this.#own[name] as Ask | undefined)?.(about);
    if (said !== undefined) requireNoPromise(`tokenService({ ${name} })`, said);
    for (const { by, facts } of this.#servers) {
      const value = (facts as Partial<Record<string, Ask>>)[name]?.(about);
      if (value === undefined) continue;
      requireNoPromise(`${by}({ ${name} })`, value);
      if (said !== undefined && said !== value && !isDeepStrictEqual(said, value))
        throw new Error(
          `tokenService({ ${name} })${written(said)} and ${by}({ ${name} })${written(value)} differ: say it once`,
        );
      said ??= value;
    }
    return said;
  }
}
