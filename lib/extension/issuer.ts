/** RFC 9207: OAuth 2.0 Authorization Server Issuer Identification. */
import { identification, requireIssuer } from '../http/issuer.js';
import type { Extension } from '../plugs.js';
import type { Client } from '../types.js';

/**
 * Says in every authorization response who sent it, so that a client of several servers cannot be made to mix them up.
 * `createServer({ issuer })` does the same.
 *
 * @param issuer the server's issuer identifier, exactly as in its metadata
 * @throws TypeError when it is not an https URL (http for loopback hosts) in its normal form, without query, fragment and user information
 * @example server.extend(issuer('https://as.example'))
 * @see RFC 9207 §2, RFC 8414 §2
 */
export function issuer<C = Client, U = unknown>(issuer: string): Extension<C, U> {
  requireIssuer(issuer);
  return identification(issuer);
}
