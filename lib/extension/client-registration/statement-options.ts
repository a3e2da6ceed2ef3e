/** Whose software statements are taken. */
import { requireTrusted, type TrustedIssuer } from '../../assertion/trusted-issuer.js';
import type { FetchIssuerKeys } from '../../assertion/verify.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable, Claims } from '../../types.js';

/** Who signs software statements: by `jwksURI` or `jwks`, and with which `algorithms`. */
export type StatementIssuer = Pick<TrustedIssuer, 'jwksURI' | 'jwks' | 'algorithms'>;

/** Which software statements are accepted, and from whom: the option `softwareStatements` of `clientRegistration()`. */
export interface SoftwareStatements extends FetchIssuerKeys {
  /** Whose statements count, by their `iss`. All others are refused. */
  readonly issuers: Readonly<Record<string, StatementIssuer>>;
  /** Whether every client needs one. Then a statement is enough to register, where no initial access token is asked for. Default `false`. */
  readonly required?: boolean;
  /** Whether the software of a statement that is valid may register: exactly `true` approves. Default: all of it. @see RFC 7591 §2.3 */
  readonly approve?: (statement: { readonly issuer: string; readonly claims: Claims }) => Awaitable<boolean>;
}

const KNOWN: OptionNames<SoftwareStatements> = {
  issuers: true,
  required: true,
  approve: true,
  fetch: true,
  fetchTimeout: true,
  allowHTTP: true,
};

const OF_ISSUER: OptionNames<StatementIssuer> = { jwksURI: true, jwks: true, algorithms: true };

/** @throws TypeError for issuers that cannot be meant */
export function requireStatements(statements: SoftwareStatements): void {
  const what = 'clientRegistration({ softwareStatements })';
  requireKnown<SoftwareStatements>(statements, KNOWN, what);
  const named = Object.entries(statements.issuers ?? {});
  if (named.length === 0) throw new TypeError(`${what} needs issuers: whose statements count`);
  for (const [issuer, trusted] of named) {
    requireKnown<StatementIssuer>(trusted, OF_ISSUER, `${what}: ${issuer}`);
    requireTrusted(trusted, `${what}: ${issuer}`);
  }
}
