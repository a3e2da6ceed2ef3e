/** Registrations as they are kept, and where. No code. */
import type { Awaitable, ClientMetadata } from '../../types.js';

/**
 * A client that registered itself: its metadata, and what the server keeps with it. No secret is in it. It is JSON.
 *
 * @see RFC 7591 §3.2.1
 */
export interface RegisteredClient extends ClientMetadata {
  readonly client_id: string;
  /** Epoch seconds. */
  readonly client_id_issued_at: number;
  readonly redirect_uris: readonly string[];
  /** SHA-256 of the secret, in base64url. It is never sent. */
  readonly client_secret_hash?: string;
  /** Epoch seconds; 0 if the secret does not expire. Absent where there is no secret. */
  readonly client_secret_expires_at?: number;
  /** SHA-256 of the registration access token, in base64url. It is never sent. Absent where clients cannot manage their registrations. */
  readonly registration_access_token_hash?: string;
  /** Counts the changes, so that of two changes at the same moment one is refused. It is never sent. */
  readonly registration_version: number;
  /** Epoch seconds at which the client goes, unless it is given tokens before. It is never sent. Absent once it was given some. */
  readonly registration_unused_until?: number;
}

/**
 * Where clients that register themselves are kept: `registeredClients(store)`, or tables of the application. Each row is one `RegisteredClient`,
 * which is kept whole.
 *
 * @example
 * const registry: ClientRegistry = {
 *   async find(id) {
 *     const { rows } = await pool.query('SELECT data FROM clients WHERE client_id = $1', [id]);
 *     return rows[0]?.data;
 *   },
 *   async create(client) {
 *     await pool.query('INSERT INTO clients (client_id, version, data) VALUES ($1, $2, $3)', [client.client_id, client.registration_version, client]);
 *     return true;
 *   },
 *   async update(client) {
 *     const text = 'UPDATE clients SET data = $2, version = $3 WHERE client_id = $1 AND version = $3 - 1';
 *     return (await pool.query(text, [client.client_id, client, client.registration_version])).rowCount === 1;
 *   },
 *   async remove(id) {
 *     const { rows } = await pool.query('DELETE FROM clients WHERE client_id = $1 RETURNING data', [id]);
 *     return rows[0]?.data;
 *   },
 * };
 */
export interface ClientRegistry {
  /** The client of an identifier that `create` was given. */
  find(clientID: string): Awaitable<RegisteredClient | null | undefined | false>;
  /** Keeps a new client. @returns `false` where there are too many clients: the request is refused */
  create(client: RegisteredClient): Awaitable<boolean>;
  /**
   * Replaces a client, whole, if it is still there and its `registration_version` is one less than that of `client`. Of concurrent calls with one version
   * exactly one succeeds.
   *
   * @returns whether it was replaced
   */
  update(client: RegisteredClient): Awaitable<boolean>;
  /**
   * Removes a client, whatever its version is. After it has resolved, no `update` brings the client back.
   *
   * @returns the client as it was removed, which tells whether it had been given tokens by then. Where nothing is returned, its tokens are looked for in any case
   */
  remove(clientID: string): Awaitable<RegisteredClient | null | undefined>;
}
