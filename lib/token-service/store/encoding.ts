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

/** A record as text, without its ID: JSON, in which even NUL and lone surrogates are plain characters. */
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

/** `undefined` if it is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The record that the text stands for; without one if it cannot be read, so that it counts as absent. */
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

/** Tells the operator; the one who presented the credential is told no more than of one that never was. */
export function unreadable(id: string): undefined {
  warnOnce('KOAUTHORIZE_UNREADABLE_RECORD', `The stored record ${id} cannot be read, and counts as absent`);
}
