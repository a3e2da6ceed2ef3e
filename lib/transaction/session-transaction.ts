/** The form of waiting transactions in a session. */
import type { AuthorizationRequest, TransactionRecord } from '../types.js';

/**
 * A record without redundant members: the session may be a cookie, which is sent, signed, hashed and decoded whole with each request. Records of
 * oauth2orize-koa and of koauthorize 0.1 have the member `protocol`, and all other members.
 */
export interface SessionTransaction extends Omit<TransactionRecord, 'protocol' | 'redirectURI' | 'req'> {
  readonly protocol?: 'oauth2';
  /** Absent if it is the same as in the request. */
  readonly redirectURI?: string;
  readonly req: KeptRequest;
}

interface KeptRequest extends Omit<AuthorizationRequest, 'clientID'> {
  /** Absent if it is the same as `client` in the record. */
  readonly clientID?: string;
}

export function toSessionTransaction(record: TransactionRecord): SessionTransaction {
  const { protocol: _, redirectURI, req, ...more } = record;
  const { clientID, ...asked } = req;
  const kept = Object.assign(more, { req: clientID === record.client ? asked : req });
  return redirectURI === req.redirectURI ? kept : Object.assign(kept, { redirectURI: redirectURI ?? '' });
}

/** @returns undefined for anything but a record: the application may keep something else under the same name */
export function fromSessionTransaction(kept: SessionTransaction): TransactionRecord | undefined {
  const { client, protocol, req: asked } = kept;
  if (typeof asked !== 'object' || asked === null) return undefined;
  const req = Object.assign({}, asked, { clientID: asked.clientID ?? String(client) });
  // RFC 6749 §3.1.2.3: records of this version have no `protocol`, and leave out a redirect URI that equals the requested one, which was compared with the
  // registration. In older records without a redirect URI, the requested one was never compared, and may be an attacker's
  const redirectURI = kept.redirectURI ?? (protocol === undefined ? req.redirectURI : undefined) ?? '';
  return Object.assign({}, kept, { protocol: 'oauth2' as const, redirectURI, req });
}
