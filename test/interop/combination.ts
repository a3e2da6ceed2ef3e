/** What a request can be, and what a library that drives it gives. */
import { FILES } from '../support/combined-server.js';

export const PARTS = ['pushed', 'signed', 'answeredInJWT', 'bound', 'detailed', 'forOneAPI'] as const;
export type Combination = Readonly<Record<(typeof PARTS)[number], boolean>>;

export const ID = 'everything';
export const REDIRECT = 'https://client.example/callback';
export const DETAILS = [{ type: 'file', actions: ['read'] }];

export interface Tokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token?: string;
  readonly authorization_details?: readonly object[];
}

export interface Flow {
  /** Where the browser begins. */
  readonly at: URL;
  /** @param answer where the server has sent the browser */
  finish(answer: URL): Promise<Tokens>;
  refresh(token: string): Promise<Tokens>;
  /** Asks an API with the token. */
  call(path: string, token: string): Promise<Response>;
}

/** The parameters of a combination, besides those of PKCE and `state`. */
export function parametersOf({ detailed, forOneAPI }: Combination): Record<string, string> {
  return {
    redirect_uri: REDIRECT,
    scope: 'read',
    ...(detailed && { authorization_details: JSON.stringify(DETAILS) }),
    ...(forOneAPI && { resource: FILES }),
  };
}
