/** Converts records to rows of PostgreSQL, and back. */
import type { StoredRecord, TokenKind, TokenRecord } from '../store.js';
import { parse, unreadable } from './encoding.js';

export interface Row {
  readonly id: string;
  readonly kind: TokenKind;
  readonly authorization_id: string;
  readonly client_id: string;
  readonly subject: string | null;
  readonly expires_at: number;
  readonly data: string;
  readonly consumed_at: number | null;
  readonly seal: string | null;
}

/** How many rows a statement stored, read or removed. */
export interface Counted {
  readonly count: number;
}

/** What a purge removed. */
export interface PurgedRows extends Counted {
  /** When the last of them ended; null if there is none. */
  readonly last: number | null;
}

/** Escapes text as in JSON: PostgreSQL's text can contain neither NUL nor lone surrogates. */
export function toText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function fromText(id: string, text: string): string | undefined {
  const parsed = parse(`"${text}"`);
  return typeof parsed === 'string' ? parsed : unreadable(id);
}

/** Writes all records as JSON, for one parameter of a statement. */
export function toRows(records: readonly TokenRecord[]): string {
  const rows = records.map(({ id, kind, authorizationID, clientID, subject, expiresAt, data, consumedAt }) => ({
    id,
    kind,
    authorization_id: authorizationID,
    client_id: toText(clientID),
    subject: subject === undefined ? null : toText(subject),
    expires_at: expiresAt,
    data: JSON.stringify(data),
    consumed_at: consumedAt ?? null,
  }));
  return JSON.stringify(rows);
}

/** Reads a record; undefined if the row cannot be read, so that the record counts as absent. */
export function toRecord(row: Row): StoredRecord | undefined {
  const { id, kind, authorization_id: authorizationID, expires_at: expiresAt, consumed_at: consumedAt } = row;
  const [clientID, subject, seal] = [row.client_id, row.subject ?? '', row.seal ?? ''].map((text) =>
    fromText(id, text),
  );
  const data = parse(row.data);
  if (data === undefined) return unreadable(id);
  if (clientID === undefined || subject === undefined || seal === undefined) return undefined;
  return {
    id,
    kind,
    authorizationID,
    clientID,
    ...(row.subject !== null && { subject }),
    expiresAt,
    data,
    ...(consumedAt !== null && { consumedAt }),
    ...(row.seal !== null && { seal }),
  };
}
