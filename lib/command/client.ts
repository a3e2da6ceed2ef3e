/** Reads the client of a command from its arguments. */
import type { AttackClient } from '../testing/attack/target.js';
import { UsageError } from './command.js';

export const CLIENT_OPTIONS = {
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'redirect-uri': { type: 'string' },
  scope: { type: 'string' },
} as const;

/** @throws UsageError */
export function clientOf(
  values: Readonly<Partial<Record<keyof typeof CLIENT_OPTIONS, string>>>,
): AttackClient | undefined {
  const { 'client-id': client_id, 'client-secret': client_secret, 'redirect-uri': redirect_uri, scope } = values;
  if (client_id === undefined) return undefined;
  if (redirect_uri === undefined)
    throw new UsageError('--client-id needs --redirect-uri, which the client has registered');
  return { client_id, client_secret, redirect_uri, scope };
}
