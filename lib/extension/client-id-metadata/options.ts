/** Options of `clientIDMetadata()`. */
import type { Relaxations } from '../../findings.js';
import { type Fetch, requireTimeout } from '../../http/fetch-text.js';
import { CENTURY, type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import type { Awaitable, Client, ClientMetadata } from '../../types.js';

/** The registration in a document. It has only known members, and each was checked. */
export interface DocumentedClient extends ClientMetadata {
  /** The URL of the document. */
  readonly client_id: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types: readonly string[];
  readonly response_types: readonly string[];
  readonly token_endpoint_auth_method: string;
}

/** Options of `clientIDMetadata()`. */
export interface ClientIDMetadataOptions<C = Client> {
  /**
   * Turns the registration in a document into a client of the application; undefined refuses it. Default: the registration itself is the client.
   */
  readonly client?: (registration: DocumentedClient) => Awaitable<C | undefined>;
  /**
   * Whether clients at this URL are trusted: exactly `true` if they are. Called before anything is fetched, and for every request. Default: all are.
   *
   * @example clientIDMetadata({ trusts: ({ hostname }) => hostname === 'apps.example' || hostname.endsWith('.apps.example') })
   */
  readonly trusts?: (url: URL) => Awaitable<boolean>;
  /** The grant types that such a client may register; others are left out of its registration. Default: `authorization_code` and `refresh_token`. */
  readonly grantTypes?: readonly string[];
  /**
   * Accepts redirect URIs with a private scheme, such as `com.example.app:/callback`, for clients with `application_type` `native`. This gives up that only the
   * client receives the response: any program on the device may have registered the scheme. Default: https, and http on the user's own machine.
   */
  readonly allowPrivateSchemes?: boolean;
  /**
   * The URL of your copy of a client's logo, for the dialog; undefined for none. Default: no client has a logo. A browser that loads one from the client tells
   * the client who is about to log in, and the client may change the picture after you have checked it.
   */
  readonly logo?: (logoURI: string, clientID: string) => Awaitable<string | undefined>;
  /**
   * Whether `createServer({ clients })` is asked first for clients whose identifier begins with `https:`. This gives up that nobody can register a client under
   * the URL of somebody else's document: make sure that only you choose such identifiers. Default `false`.
   */
  readonly allowRegisteredURLs?: boolean;
  /** Seconds for which a document is kept at least, whatever its headers say, so that one login fetches it once. Default 60. */
  readonly leastAge?: number;
  /** Seconds for which a document is kept at most, whatever its headers say. Default 86,400. */
  readonly mostAge?: number;
  /** Seconds for which a document without caching headers is kept. Default 300. */
  readonly usualAge?: number;
  /**
   * Seconds for which an expired copy of a document is used, whatever its headers say, if the document cannot be fetched: its host does not answer, has an
   * error or refuses this server, or a bound is reached. A redirect, 404 and 410 end the copy. Changes of the document are not seen during this time. 0 for never. Default 3,600.
   */
  readonly staleAge?: number;
  /** The most documents that a process keeps: this many of clients that a user has authorized, and this many of all others. Default 1,000. */
  readonly mostDocuments?: number;
  /**
   * How many documents a process fetches at once. Clients that a user has authorized have a second bound of this size. Anybody can cause a fetch. Default 20.
   */
  readonly atOnce?: number;
  /** How many documents a process fetches from one host in a minute. Clients that a user has authorized have a second bound of this size. Default 30. */
  readonly perHostAndMinute?: number;
  /** Seconds after which a fetch is given up. Default 5. */
  readonly fetchTimeout?: number;
  /**
   * Fetches the documents. Default: `publicFetch()`, which connects to no address of this machine and of its network. If the issuer of the server is on a
   * loopback host, loopback addresses are allowed, too.
   */
  readonly fetch?: Fetch;
  /**
   * Seconds for which a client is remembered at least after it was given tokens. It must be longer than refresh tokens live: a process without the document of
   * a forgotten client refuses its refresh token. Default 7,776,000, which is 90 days.
   */
  readonly rememberedFor?: number;
  /** Where the clients are remembered to which users have given consent. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
}

export const RELAXATIONS: Relaxations<ClientIDMetadataOptions> = {
  allowPrivateSchemes: {
    why: 'Any program on the user’s device may have registered the scheme, and receive the code',
    section: 'RFC 8252 §8.1',
    remedy: 'Leave it out, and have native programs use https or http on the user’s own machine',
  },
  allowRegisteredURLs: {
    why: 'Anybody who can register a client here under the URL of somebody else’s document can impersonate that client',
    section: 'draft-ietf-oauth-client-id-metadata-document §7.1',
    remedy: 'Leave it out, unless only you choose identifiers of clients',
  },
};

const KNOWN: OptionNames<ClientIDMetadataOptions> = {
  client: true,
  trusts: true,
  grantTypes: true,
  allowPrivateSchemes: true,
  logo: true,
  allowRegisteredURLs: true,
  leastAge: true,
  mostAge: true,
  usualAge: true,
  staleAge: true,
  mostDocuments: true,
  atOnce: true,
  perHostAndMinute: true,
  fetchTimeout: true,
  fetch: true,
  rememberedFor: true,
  store: true,
};

/** The options that are whole numbers, with the smallest and the largest value of each. */
const COUNTS = {
  leastAge: [0, CENTURY],
  mostAge: [1, CENTURY],
  usualAge: [0, CENTURY],
  staleAge: [0, CENTURY],
  mostDocuments: [1, Number.MAX_SAFE_INTEGER],
  atOnce: [1, Number.MAX_SAFE_INTEGER],
  perHostAndMinute: [1, Number.MAX_SAFE_INTEGER],
  rememberedFor: [1, CENTURY],
} as const;

/** @throws TypeError for invalid options */
export function requireOptions<C>(options: ClientIDMetadataOptions<C>): void {
  requireKnown<ClientIDMetadataOptions<C>>(options, KNOWN, 'clientIDMetadata');
  for (const [name, [least, most]] of Object.entries(COUNTS))
    requireCount(`clientIDMetadata({ ${name} })`, options[name as keyof typeof COUNTS] ?? least, least, most);
  const { leastAge = 60, mostAge = 86_400, grantTypes = [], fetchTimeout = 5 } = options;
  if (leastAge > mostAge) throw new TypeError('clientIDMetadata({ leastAge }) is more than mostAge');
  if (!Array.isArray(grantTypes) || !grantTypes.every((type) => typeof type === 'string'))
    throw new TypeError('clientIDMetadata({ grantTypes }) is a list of grant types');
  requireTimeout('clientIDMetadata({ fetchTimeout })', fetchTimeout);
}
