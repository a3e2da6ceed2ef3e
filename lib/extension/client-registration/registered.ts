/** The stored form of registrations, and the interface of their store. No code. */
import type { Awaitable, ClientMetadata } from '../../types.js';

/**
 * A client that registered itself, as JSON: its metadata, and what the server stores with it. It contains no secret.
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
  /** Epoch seconds; 0 if the secret does not expire. Absent if there is no secret. */
  readonly client_secret_expires_at?: number;
  /** SHA-256 of the registration access token, in base64url. It is never sent. Absent if clients cannot manage their registrations. */
  readonly registration_access_token_hash?: string;
  /** Counts the changes, so that one of two concurrent changes is refused. It is never sent. */
  readonly registration_version: number;
  /** Epoch seconds at which the client is removed if it was given no tokens by then. It is never sent. Absent once the client was given tokens. */
  readonly registration_unused_until?: number;
}

/**
 * Where clients that register themselves are kept: `registeredClients(store)`, or tables of the application. Each row is one `RegisteredClient`, stored with
 * all of its members.
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
  /** The client with this identifier. */
  find(clientID: string): Awaitable<RegisteredClient | null | undefined | false>;
  /** Stores a new client. @returns `false` if there are too many clients: the request is then refused */
  create(client: RegisteredClient): Awaitable<boolean>;
  /**
   * Replaces all members of a client, if it is still stored and its `registration_version` is one less than that of `client`. Of concurrent calls with the same
   * version, exactly one succeeds.
   *
   * @returns whether it was replaced
   */
  update(client: RegisteredClient): Awaitable<boolean>;
  /**
   * Removes a client, whatever its version is. Once it has resolved, no `update` may store the client again.
   *
   * @returns the removed record, which tells whether the client had been given tokens. If nothing is returned, the server looks for its tokens in any case
   */
  remove(clientID: string): Awaitable<RegisteredClient | null | undefined>;
}
