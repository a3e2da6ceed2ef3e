/**
 * The registered clients: those of seed.json, and those that users registered on /clients/new. A registration has the member names of RFC 7591
 * and says what the client may do.
 */
import type { Client, ClientRegistry } from 'koauthorize';
import { hashClientSecret } from 'koauthorize/client-auth';
import type { Once } from './forms.js';
import { looksLike } from './names.js';
import { takePlace } from './places.js';
import type { Collections } from './storage/index.js';
import type { User } from './users.js';

/** A registered client, with the hash of its secret. */
export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly client_uri?: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types?: readonly string[];
  readonly scope?: string;
  /** Absent if the client may send its secret by every method, since client libraries differ in the method that they support. */
  readonly token_endpoint_auth_method?: string;
  /**
   * For a client that has a secret and does not support PKCE. This gives up the protection against an attacker who makes a user's browser send the code of
   * another account (RFC 9700 §4.7), and against one who has stolen a code and the client's secret (§2.1.1, §4.5).
   */
  readonly pkce?: 'may be missing';
  /** Public keys, for `private_key_jwt`. */
  readonly jwks?: { readonly keys: readonly object[] };
  readonly secret_hash?: string;
  /** For a client that uses CIBA: users decide on a device of their own. */
  readonly backchannel_token_delivery_mode?: string;
  /** Like `secret_hash`, of a client that registered itself: see dynamic-registration.ts. */
  readonly client_secret_hash?: string;
  /** Whether the client is an API, which may introspect every access token. */
  readonly resource_server?: boolean;
  /** For a service that exchanges tokens: the clients that call it, whose tokens it may exchange. */
  readonly acts_for_users_of?: readonly string[];
  /** Whether the client is told that its user was not asked again: see remembered.ts. */
  readonly tell_remembered_consent?: boolean;
  /** The user who registered it. */
  readonly owner?: string;
}

/** The methods by which a client may send its secret. */
export const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'] as const;

export interface Registration {
  readonly name: string;
  readonly uris: readonly string[];
  readonly type: 'confidential' | 'public';
  /** Absent if the client may use any of the methods. */
  readonly method?: (typeof SECRET_METHODS)[number] | undefined;
  readonly pkce?: 'may be missing' | undefined;
}

/** How many clients one user may register. */
const MOST = 20;
const COLLECTION = 'clients';

/** Whether a text can be the identifier of a client. */
export const isClientID = (id: string): boolean => /^[\w-]{1,64}$/.test(id);

/** The longest URL that can identify a client. It is limited, since it is a key in databases. */
const LONGEST_URL = 500;
/** Whether the identifier of a client is the URL of its document. Such clients are not registered: see authorization-server.ts. */
export const isClientURL = (id: string): boolean =>
  /^https:\/\/[^/]/.test(id) && id.length <= LONGEST_URL && URL.canParse(id);

/**
 * The name of a client that users see outside of the dialog. For a client with a document, it is the host, since anybody can write any name into a document.
 */
export async function nameOf(clients: Pick<Clients, 'find'>, id: string): Promise<string | undefined> {
  return isClientURL(id) ? new URL(id).host : (await clients.find(id))?.client_name;
}

const ownedBy = (user: User): string => `${COLLECTION} of ${user.id}`;

export interface Clients {
  find(id: string): Promise<App | undefined>;
  /** Whether a client of seed.json has this name, or one that looks the same. */
  isTaken(name: string): boolean;
  list(user: User): Promise<readonly App[]>;
  /**
   * @param once makes the same values if the same form is sent again, so that no second client is registered, and the page shows the same ID and secret
   * @returns undefined if the user has too many clients. The secret is not stored
   */
  register(user: User, registration: Registration, once: Once): Promise<{ client: App; secret?: string } | undefined>;
  /** One of the user's own clients. */
  own(user: User, id: string): Promise<App | undefined>;
  /** Replaces the registration, except the type (with a secret, or without). @returns whether the client belongs to the user */
  change(user: User, id: string, registration: Registration): Promise<boolean>;
  /**
   * Makes a new secret, which replaces the old one.
   *
   * @param once as in `register`.
   * @returns undefined for a client that has no secret, or does not belong to the user
   */
  rotate(user: User, id: string, once: Once): Promise<{ client: App; secret: string } | undefined>;
  /** Removes one of the user's own clients. Its tokens are invalid from then on: see still-there.ts. */
  remove(user: User, id: string): Promise<boolean>;
}

function toApp(user: User, registration: Registration, id: string, secretHash: string): App {
  const { name, uris, type, method, pkce } = registration;
  const shared = {
    client_id: id,
    client_name: name,
    redirect_uris: uris,
    grant_types: ['authorization_code', 'refresh_token'],
    owner: user.id,
  };
  if (type === 'public') return { ...shared, token_endpoint_auth_method: 'none' };
  return {
    ...shared,
    ...(method && { token_endpoint_auth_method: method }),
    ...(pkce && { pkce }),
    secret_hash: secretHash,
  };
}

export function openClients(seeded: readonly App[], collections: Collections, registered?: ClientRegistry): Clients {
  const find = async (id: string): Promise<App | undefined> => {
    if (!isClientID(id)) return undefined; // no client can have this ID, so the database is not asked
    const fromSeed = seeded.find(({ client_id }) => client_id === id);
    const found = fromSeed ?? ((await collections.get(COLLECTION, id)) as App | undefined);
    return found ?? (((await registered?.find(id)) || undefined) as App | undefined); // registered clients always have a name: see dynamic-registration.ts
  };
  const list = async (user: User): Promise<readonly App[]> => {
    const ids = [...(await collections.list(ownedBy(user))).values()] as string[];
    return (await Promise.all(ids.map(find))).filter((app) => app !== undefined);
  };
  const own: Clients['own'] = async (user, id) => {
    const found = await find(id);
    return found?.owner === user.id ? found : undefined;
  };
  /** Changes a client. Of two concurrent changes, the second one starts from the result of the first. */
  const replace = async (user: User, id: string, make: (before: App) => App | undefined): Promise<App | undefined> => {
    for (;;) {
      const before = await own(user, id);
      const next = before && make(before);
      if (!before || !next || (await collections.change(COLLECTION, id, before, next))) return next;
    }
  };
  const leavePlace = async (user: User, id: string): Promise<boolean> => {
    const places = [...(await collections.list(ownedBy(user)))].filter(([, taken]) => taken === id);
    const left = await Promise.all(places.map(([place]) => collections.remove(ownedBy(user), place)));
    return left.includes(true);
  };
  return {
    find,
    isTaken: (name) => seeded.some(({ client_name }) => looksLike(client_name, name)),
    list,
    async register(user, registration, once) {
      const made = (what: string): string => once(what, user.id, JSON.stringify(registration));
      const secret = made('client secret'); // 256 bits
      const client = toApp(user, registration, made('client ID').slice(0, 22), hashClientSecret(secret));
      if (!(await takePlace(collections, ownedBy(user), MOST, client.client_id))) return undefined;
      await collections.put(COLLECTION, client.client_id, client);
      return registration.type === 'public' ? { client } : { client, secret };
    },
    own,
    async change(user, id, registration) {
      return (
        (await replace(user, id, ({ secret_hash = '' }) => toApp(user, registration, id, secret_hash))) !== undefined
      );
    },
    async rotate(user, id, once) {
      const secret = once('client secret', user.id, id);
      const secret_hash = hashClientSecret(secret);
      const client = await replace(user, id, (app) => (app.secret_hash ? { ...app, secret_hash } : undefined));
      return client && { client, secret };
    },
    async remove(user, id) {
      if (!(await own(user, id))) return false;
      await collections.remove(COLLECTION, id);
      return leavePlace(user, id);
    },
  };
}
