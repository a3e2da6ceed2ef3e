import type { Authorization } from '../types.js';
import type { StoredRecord } from './store.js';

/** An authorization as the token service hands it back: which act it was, whose, and when. */
export interface Granted extends Authorization {
  readonly authorizationID: string;
  /** The user; absent when the client acts for itself. */
  readonly subject?: string | undefined;
  /** Epoch seconds. */
  readonly authorizedAt: number;
}

/** What is kept with a code or a refresh token. */
export interface GrantedData {
  readonly authorization: Authorization;
  readonly authorizedAt: number;
}

export function toData({ clientID, redirectURI, scope, request, authorizedAt }: Granted): GrantedData {
  return { authorization: { clientID, redirectURI, scope, request }, authorizedAt };
}

function isAuthorization(value: Partial<Authorization> | undefined, clientID: string): value is Authorization {
  const { redirectURI, scope, request } = value ?? {};
  const isComplete = typeof redirectURI === 'string' && Array.isArray(scope) && typeof request?.clientID === 'string';
  return isComplete && value?.clientID === clientID;
}

/** @throws Error when the record is not what was put there */
export function toGranted({ authorizationID, clientID, subject, data }: StoredRecord): Granted {
  const { authorization, authorizedAt } = (data ?? {}) as Partial<GrantedData>;
  if (!isAuthorization(authorization, clientID) || typeof authorizedAt !== 'number') {
    throw new Error(`The stored authorization ${authorizationID} cannot be read`);
  }
  return { ...authorization, authorizationID, subject, authorizedAt };
}
