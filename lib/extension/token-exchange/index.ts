/** RFC 8693, `koauthorize/token-exchange`: tokens that are exchanged for tokens. Every public name. */
export type { Exchanged } from './members.js';
export type {
  AllowedExchange,
  AskedExchange,
  ExchangedFor,
  IssuedToken,
  IssueToken,
  TokenExchangeOptions,
} from './options.js';
export type { PresentedToken, Presenting, VerifyPresented } from './presented.js';
export { tokenExchange } from './server.js';
