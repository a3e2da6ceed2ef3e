/** Authorization request and decision, with what waits in the session. */
import { randomBytes } from 'node:crypto';
import { apps } from '../clients.js';
import { type Fields, ProtocolError, requireField } from './protocol-error.js';
import type { NewCode } from './tokens.js';

interface Transaction {
  readonly clientID: string;
  readonly redirectURI: string;
  readonly scope: string;
  readonly state: string;
  readonly codeChallenge: string;
}

/** What a session holds. */
export interface Session {
  user?: string;
  transactions?: Record<string, Transaction>;
}

/** So that a cookie does not overflow. */
const MOST_TRANSACTIONS = 8;

function readRequest(query: Fields): Transaction {
  const clientID = requireField(query, 'client_id');
  const redirectURI = requireField(query, 'redirect_uri');
  const app = apps.get(clientID);
  if (!app?.redirect_uris.includes(redirectURI)) throw new ProtocolError(400, 'invalid_request');
  if (requireField(query, 'response_type') !== 'code') throw new ProtocolError(400, 'unsupported_response_type');
  if (query['code_challenge_method'] !== 'S256') throw new ProtocolError(400, 'invalid_request');
  const scope = query['scope'] ?? app.scope;
  if (scope !== app.scope) throw new ProtocolError(400, 'invalid_scope');
  const codeChallenge = requireField(query, 'code_challenge');
  return { clientID, redirectURI, scope: app.scope, state: requireField(query, 'state'), codeChallenge };
}

/** Lets a request wait for the user. @returns the transaction's ID. @throws ProtocolError */
export function begin(session: Session, query: Fields): string {
  if (session.user === undefined) throw new ProtocolError(401, 'login_required');
  const id = randomBytes(16).toString('base64url');
  const waiting = Object.entries(session.transactions ?? {}).slice(1 - MOST_TRANSACTIONS);
  session.transactions = { ...Object.fromEntries(waiting), [id]: readRequest(query) };
  return id;
}

/** The user has allowed it. @returns where to send the browser. @throws ProtocolError */
export function decide(session: Session, form: Fields, issueCode: (code: NewCode) => string): string {
  const id = requireField(form, 'transaction_id');
  const { [id]: transaction, ...others } = session.transactions ?? {};
  if (session.user === undefined || transaction === undefined) throw new ProtocolError(400, 'invalid_request');
  session.transactions = others;
  const { state, ...granted } = transaction;
  const target = new URL(transaction.redirectURI);
  target.searchParams.set('code', issueCode({ ...granted, subject: session.user }));
  target.searchParams.set('state', state);
  return target.href;
}
