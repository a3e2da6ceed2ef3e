/** What the MCP server of the exam's tests knows. */

import type { JWK } from 'jose';
import type { Context } from 'koa';
import type { DocumentPlace } from './document-place.js';

/** Whether the check of this name is to fail. */
export type Weak = (name: string) => boolean;

export interface Client {
  readonly client_id: string;
  readonly client_secret?: string | undefined;
  readonly redirect_uris: readonly string[];
  readonly token_endpoint_auth_method?: string | undefined;
  readonly client_name?: string | undefined;
}

export interface Authorization {
  readonly client: Client;
  readonly user: string;
  readonly redirectURI: string;
  readonly challenge: string | undefined;
  readonly method: string;
  readonly scope: readonly string[];
  readonly resource: string;
  isEnded: boolean;
}

export interface Dialog {
  readonly authorization: Authorization;
  readonly session: string;
  readonly state: string | undefined;
}

/** A code, or a refresh token. */
export interface Kept {
  readonly kind: 'code' | 'refresh_token';
  readonly authorization: Authorization;
  isSpent: boolean;
}

export interface State {
  readonly issuer: string;
  readonly resource: string;
  readonly key: JWK;
  readonly weak: Weak;
  readonly clients: Map<string, Client>;
  /** The users, by their cookies. */
  readonly sessions: Map<string, string>;
  readonly dialogs: Map<string, Dialog>;
  readonly kept: Map<string, Kept>;
  readonly documents: DocumentPlace;
  /** What was read of documents, by their URLs. */
  readonly copies: Map<string, Client | undefined>;
  /** Whose a session of the MCP server is, by its ID. */
  readonly mcpSessions: Map<string, string | undefined>;
  /** Seconds that the clock was turned. */
  turned: number;
}

export type Endpoint = (ctx: Context, state: State) => void | Promise<void>;

export const LIFETIME = 600;
export const SCOPES = ['files:read', 'files:write'];

/** An error, as the specification of the endpoint has it. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status = 400) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

export async function readText(ctx: Context): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** @throws Refusal for a name that comes twice */
export function single(params: URLSearchParams, tolerates: boolean): Map<string, string> {
  const names = [...params.keys()];
  const isTwice = names.some((name, index) => names.indexOf(name) !== index);
  if (isTwice && !tolerates) throw new Refusal('invalid_request');
  return new Map([...params].reverse().filter(([, value]) => value));
}
