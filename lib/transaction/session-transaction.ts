/** Waiting transactions as a session keeps them. */
import type { AuthorizationRequest, TransactionRecord } from '../types.js';

/**
 * A record without what is known anyway and what it says twice: the session may be a cookie, which is sent, signed, hashed and decoded whole with each
 * request. Records of oauth2orize-koa and of koauthorize 0.1 have the member `protocol`. They leave out nothing that was known.
 */
export interface SessionTransaction extends Omit<TransactionRecord, 'protocol' | 'redirectURI' | 'req'> {
  readonly protocol?: 'oauth2';
  /** Absent where the request has the same. */
  readonly redirectURI?: string;
  readonly req: KeptRequest;
}

interface KeptRequest extends Omit<AuthorizationRequest, 'clientID'> {
  /** Absent where it stands for the client in the record, too. */
  readonly clientID?: string;
}

export function toSessionTransaction(record: TransactionRecord): SessionTransaction {
  const { protocol: _, redirectURI, req, ...more } = record;
  const { clientID, ...asked } = req;
  const kept = Object.assign(more, { req: clientID === record.client ? asked : req });
  return redirectURI === req.redirectURI ? kept : Object.assign(kept, { redirectURI: redirectURI ?? '' });
}

/** @returns undefined for what is no record: the application may keep something else under the same name */
export function fromSessionTransaction(kept: SessionTransaction): TransactionRecord | undefined {
  const { client, protocol, req: asked } = kept;
  if (typeof asked !== 'object' || asked === null) return undefined;
  const req = Object.assign({}, asked, { clientID: asked.clientID ?? String(client) });
  // RFC 6749 §3.1.2.3: our own records have no `protocol`, and leave out a redirect URI that was allowed and asked for. In others, none was allowed: the one that was asked for may be an attacker's.
  const redirectURI = kept.redirectURI ?? (protocol === undefined ? req.redirectURI : undefined) ?? '';
  return Object.assign({}, kept, { protocol: 'oauth2' as const, redirectURI, req });
}
