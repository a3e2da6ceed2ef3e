/** Whose software statements are accepted. */
import { requireTrusted, type TrustedIssuer } from '../../assertion/trusted-issuer.js';
import type { FetchIssuerKeys } from '../../assertion/verify.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { Awaitable, Claims } from '../../types.js';

/** An issuer of software statements: its keys, as `jwksURI` or `jwks`, and the `algorithms` by which it signs. */
export type StatementIssuer = Pick<TrustedIssuer, 'jwksURI' | 'jwks' | 'algorithms'>;

/** Which software statements are accepted, and from whom: the option `softwareStatements` of `clientRegistration()`. */
export interface SoftwareStatements extends FetchIssuerKeys {
  /** The trusted issuers, by the `iss` of their statements. All other statements are refused. */
  readonly issuers: Readonly<Record<string, StatementIssuer>>;
  /** Whether every client needs a statement. If it does, and `initialAccess` is not set, a statement is enough to register. Default `false`. */
  readonly required?: boolean;
  /** Whether the software in a valid statement may register: exactly `true` approves it. Default: all software may. @see RFC 7591 §2.3 */
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

/** @throws TypeError for invalid issuers */
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
