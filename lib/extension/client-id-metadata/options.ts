/** What `clientIDMetadata()` takes. */
import type { Relaxations } from '../../findings.js';
import { type Fetch, requireTimeout } from '../../http/fetch-text.js';
import { CENTURY, type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import type { Awaitable, Client, ClientMetadata } from '../../types.js';

/** The registration in a document: only members that are known, each judged. */
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
   * Makes the application's client of a document; undefined refuses it. Default: the registration in the document, as it is, has to be one of the
   * application's clients.
   */
  readonly client?: (registration: DocumentedClient) => Awaitable<C | undefined>;
  /**
   * Whether clients at this URL are trusted: exactly `true` if they are. Asked before anything is fetched, and for every request. Default: all are.
   *
   * @example clientIDMetadata({ trusts: ({ hostname }) => hostname === 'apps.example' || hostname.endsWith('.apps.example') })
   */
  readonly trusts?: (url: URL) => Awaitable<boolean>;
  /** The grant types that such a client may register; others are left out of its registration. Default: `authorization_code` and `refresh_token`. */
  readonly grantTypes?: readonly string[];
  /**
   * Takes redirect URIs with a scheme of an app's own, such as `com.example.app:/callback`, of clients with `application_type` `native`. Gives up that the answer goes where the client says: any
   * program on the device may have registered the scheme. Default: https, and http on the user's own machine.
   */
  readonly allowPrivateSchemes?: boolean;
  /**
   * The URL of your copy of a client's logo, for the dialog; undefined for none. Default: no client has a logo, for a browser that loads one from the client
   * tells it who is about to log in, and the picture may change after you have looked at it.
   */
  readonly logo?: (logoURI: string, clientID: string) => Awaitable<string | undefined>;
  /**
   * Whether `createServer({ clients })` is asked first for clients whose identifier begins with `https:`. Gives up that nobody can register a client here under
   * the URL of another's document: make sure that only you choose such identifiers. Default `false`.
   */
  readonly allowRegisteredURLs?: boolean;
  /** Seconds for which a document is kept at least, whatever it says, so that one login fetches it once. Default 60. */
  readonly leastAge?: number;
  /** Seconds for which a document is kept at most, whatever it says. Default 86,400. */
  readonly mostAge?: number;
  /** Seconds for which a document is kept that says nothing of it. Default 300. */
  readonly usualAge?: number;
  /** How many documents are kept in a process. Default 1,000. */
  readonly mostDocuments?: number;
  /** How many documents a process fetches at once. Anybody can make it fetch one. Default 20. */
  readonly atOnce?: number;
  /** How many documents a process fetches from one host in a minute. Default 30. */
  readonly perHostAndMinute?: number;
  /** Seconds after which fetching a document is given up. Default 5. */
  readonly fetchTimeout?: number;
  /**
   * Fetches the documents. Default: `publicFetch()`, which reaches no address of this machine and of its network. A server whose own issuer is on a
   * loopback host reaches loopback addresses, too.
   */
  readonly fetch?: Fetch;
  /**
   * Seconds for which a client is remembered after it was given tokens, at least: longer than its refresh tokens live, or it could not use one at a process that does
   * not have its document. Default 7,776,000, which is 90 days.
   */
  readonly rememberedFor?: number;
  /** Where it is remembered which clients were allowed something. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
}

export const RELAXATIONS: Relaxations<ClientIDMetadataOptions> = {
  allowPrivateSchemes: {
    why: 'Any program on the user’s device may have registered the scheme, and is sent the code',
    section: 'RFC 8252 §8.1',
    remedy: 'Leave it out, and have native programs use https or http on the user’s own machine',
  },
  allowRegisteredURLs: {
    why: 'Whoever can register a client here under the URL of another’s document passes for it',
    section: 'draft-ietf-oauth-client-id-metadata-document §7.1',
    remedy: 'Leave it out, unless nobody but you chooses identifiers of clients',
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
  mostDocuments: true,
  atOnce: true,
  perHostAndMinute: true,
  fetchTimeout: true,
  fetch: true,
  rememberedFor: true,
  store: true,
};

/** Whole numbers, and the least and the most that each may be. */
const COUNTS = {
  leastAge: [0, CENTURY],
  mostAge: [1, CENTURY],
  usualAge: [0, CENTURY],
  mostDocuments: [1, Number.MAX_SAFE_INTEGER],
  atOnce: [1, Number.MAX_SAFE_INTEGER],
  perHostAndMinute: [1, Number.MAX_SAFE_INTEGER],
  rememberedFor: [1, CENTURY],
} as const;

/** @throws TypeError for options that cannot be meant */
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
