/** Which applications may come: those of seed.json, and those that users registered on /clients/new. What one may do stands in its registration, in the words of RFC 7591. */
import type { Client } from 'koauthorize';
import { hashClientSecret } from 'koauthorize/client-auth';
import type { Once } from './forms.js';
import { looksLike } from './names.js';
import { takePlace } from './places.js';
import type { Collections } from './storage/index.js';
import type { User } from './users.js';

/** A registered client. Of its secret only the hash is kept. */
export interface App extends Client {
  readonly client_id: string;
  readonly client_name: string;
  readonly client_uri?: string;
  readonly redirect_uris: readonly string[];
  readonly grant_types?: readonly string[];
  readonly scope?: string;
  /** Absent: it may send its secret in each of the ways that there are, since libraries differ in the one that they know. */
  readonly token_endpoint_auth_method?: string;
  /**
   * For a client that has a secret and cannot do PKCE. It gives up the protection from a code of somebody else that is slipped into its
   * users' browsers, and from whoever has both its secret and a code that was meant for it (RFC 9700 §2.1.1, §4.5).
   */
  readonly pkce?: 'may be missing';
  /** Public keys, for `private_key_jwt`. */
  readonly jwks?: { readonly keys: readonly object[] };
  readonly secret_hash?: string;
  /** It is an API, and may ask about every access token. */
  readonly resource_server?: boolean;
  /** The user who registered it. */
  readonly owner?: string;
}

/** How a client may send its secret. */
export const SECRET_METHODS = ['client_secret_basic', 'client_secret_post'] as const;

export interface Registration {
  readonly name: string;
  readonly uris: readonly string[];
  readonly type: 'confidential' | 'public';
  /** Absent where it was left open. */
  readonly method?: (typeof SECRET_METHODS)[number] | undefined;
  readonly pkce?: 'may be missing' | undefined;
}

/** How many clients one user may register. */
const MOST = 20;
const COLLECTION = 'clients';

/** What a client can be called by. */
export const isClientID = (id: string): boolean => /^[\w-]{1,64}$/.test(id);
const ownedBy = (user: User): string => `${COLLECTION} of ${user.id}`;

export interface Clients {
  find(id: string): Promise<App | undefined>;
  /** Whether a client of seed.json has this name, or one that looks the same. */
  isTaken(name: string): boolean;
  list(user: User): Promise<readonly App[]>;
  /**
   * @param once of the form: the same form sent again registers nothing more, and shows the same ID and secret
   * @returns nothing when the user has too many; the secret is known here and now, and never again
   */
  register(user: User, registration: Registration, once: Once): Promise<{ client: App; secret?: string } | undefined>;
  /** Removes one of the user's own. From now on nothing that it was given counts: see authorization-server.ts. */
  remove(user: User, id: string): Promise<boolean>;
}

function toApp(user: User, registration: Registration, id: string, secret: string): App {
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
    secret_hash: hashClientSecret(secret),
  };
}

export function openClients(seeded: readonly App[], collections: Collections): Clients {
  const find = async (id: string): Promise<App | undefined> => {
    if (!isClientID(id)) return undefined; // anyone can ask for anything: no database need look
    const fromSeed = seeded.find(({ client_id }) => client_id === id);
    return fromSeed ?? ((await collections.get(COLLECTION, id)) as App | undefined);
  };
  const list = async (user: User): Promise<readonly App[]> => {
    const ids = [...(await collections.list(ownedBy(user))).values()] as string[];
    return (await Promise.all(ids.map(find))).filter((app) => app !== undefined);
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
      const client = toApp(user, registration, made('client ID').slice(0, 22), secret);
      if (!(await takePlace(collections, ownedBy(user), MOST, client.client_id))) return undefined;
      await collections.put(COLLECTION, client.client_id, client);
      return registration.type === 'public' ? { client } : { client, secret };
    },
    async remove(user, id) {
      if ((await find(id))?.owner !== user.id) return false;
      await collections.remove(COLLECTION, id);
      return leavePlace(user, id);
    },
  };
}
