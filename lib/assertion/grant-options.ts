/** The options of issueIDJAG() and issueGrants(). */
import type { Core } from '../core.js';
import { type OptionNames, requireKnown, requireSeconds } from '../options.js';
import { requireIssuer } from '../syntax/issuer.js';
import type { Client } from '../types.js';
import type { AcceptingServer } from './grant.js';

/** Options of `issueIDJAG()` and `issueGrants()`: who issues the assertions, and for which servers. */
export interface GrantIssuerOptions<C = Client> {
  /** The server that issues: its issuer identifier, keys and clock are used. */
  readonly server: { readonly core: Core<C, never> };
  /** The authorization servers that accept the assertions, by their issuer identifiers. An assertion is for one of them. */
  readonly servers: Readonly<Record<string, AcceptingServer<C>>>;
  /** Seconds: 5 to 3,600. An assertion never ends later than the token that it is issued for. Default 300. */
  readonly lifetime?: number;
}

const KNOWN: OptionNames<GrantIssuerOptions> = { server: true, servers: true, lifetime: true };
const OF_SERVER: OptionNames<AcceptingServer> = { clientID: true, relyingParty: true, claims: true };

/** @param what the function that takes the options, for the message. @throws TypeError */
export function requireGrantOptions<C>(options: GrantIssuerOptions<C>, what: string): void {
  requireKnown<GrantIssuerOptions<C>>(options, KNOWN, what);
  const { server, servers = {}, lifetime = 300 } = options;
  if (!server?.core) throw new TypeError(`${what}({ server }) is needed: the server that issues`);
  const entries = Object.entries(servers);
  if (entries.length === 0) throw new TypeError(`${what}({ servers }) is needed: who accepts the assertions`);
  for (const [issuer, one] of entries) {
    requireIssuer(issuer);
    requireKnown<AcceptingServer<C>>(one, OF_SERVER, `${what}({ servers }): ${issuer}`);
    if (typeof one?.clientID !== 'function')
      throw new TypeError(`${what}({ servers }): ${issuer} needs clientID: what that server calls a client`);
  }
  requireSeconds(`${what}({ lifetime })`, lifetime, 5, 3600);
}
