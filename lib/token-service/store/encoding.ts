import { warnOnce } from '../../errors/warning.js';
import type { StoredRecord } from '../store.js';

type Members = [
  kind: string,
  authorizationID: string,
  clientID: string,
  subject: string | null,
  expiresAt: number,
  data: unknown,
  consumedAt?: number,
  seal?: string | null,
];

/** Writes a record, without its ID, as JSON. JSON escapes NUL and lone surrogates, which databases may refuse. */
export function encode(record: StoredRecord): string {
  const { kind, authorizationID, clientID, subject = null, expiresAt, data, consumedAt, seal = null } = record;
  const members: Members = [kind, authorizationID, clientID, subject, expiresAt, data];
  if (consumedAt !== undefined) members.push(consumedAt, seal);
  return JSON.stringify(members);
}

function isMembers(value: unknown): value is Members {
  if (!Array.isArray(value)) return false;
  const [kind, authorizationID, clientID, subject, expiresAt, , consumedAt = 0, seal = null] = value;
  const texts = [kind, authorizationID, clientID, subject ?? '', seal ?? ''];
  return texts.every((text) => typeof text === 'string') && [expiresAt, consumedAt].every(Number.isFinite);
}

/** `JSON.parse`, but undefined if the text is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads a record; undefined if the text cannot be read, so that the record counts as absent. */
export function decode(id: string, text: string): StoredRecord | undefined {
  const members = parse(text);
  if (!isMembers(members)) return unreadable(id);
  const [kind, authorizationID, clientID, subject, expiresAt, data, consumedAt, seal] = members;
  return {
    id,
    kind,
    authorizationID,
    clientID,
    ...(subject !== null && { subject }),
    expiresAt,
    data,
    ...(consumedAt !== undefined && { consumedAt }),
    ...(typeof seal === 'string' && { seal }),
  };
}

/** Warns the operator of a record that cannot be read. The client gets the same answer as for an unknown credential. */
export function unreadable(id: string): undefined {
  warnOnce('KOAUTHORIZE_UNREADABLE_RECORD', `The stored record ${id} cannot be read, and counts as absent`);
}
