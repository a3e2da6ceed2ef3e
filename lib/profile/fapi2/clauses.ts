/** What the FAPI 2.0 Security Profile (final, February 2025) forbids. */
import type { Clause } from '../rule.js';
import { algorithms, FAPI_2 } from '../rules/algorithms.js';
import { publicClient, weakAuthentication, wideAudience } from '../rules/clients.js';
import { codeOnly, exchangeByHand, passwordGrant } from '../rules/grants.js';
import { plainIssuer, tokenService, withoutIssuer } from '../rules/parts.js';
import { plainHTTP } from '../rules/redirects.js';
import { notPushed, plainPKCE, pushedTooLong, withoutPKCE, withoutRedirectURI } from '../rules/requests.js';
import { oldCode, rotation, unboundToken } from '../rules/tokens.js';

export const FAPI_2_SECURITY = 'FAPI 2.0 Security Profile';

/** The clauses for every grant. @param allowed the signature algorithms */
export function generalClauses(allowed: readonly string[], algorithmSection: string): readonly Clause[] {
  return [
    { rule: passwordGrant, section: 'FAPI 2.0 §5.3.2.1 no. 2' },
    { rule: publicClient, section: 'FAPI 2.0 §5.3.2.1 no. 3' },
    { rule: unboundToken, section: 'FAPI 2.0 §5.3.2.1 no. 4, 5' },
    { rule: exchangeByHand, section: 'FAPI 2.0 §5.3.2.1 no. 4' },
    { rule: weakAuthentication, section: 'FAPI 2.0 §5.3.2.1 no. 6' },
    { rule: wideAudience, section: 'FAPI 2.0 §5.3.2.1 no. 8' },
    { rule: rotation, section: 'FAPI 2.0 §5.3.2.1 no. 9' },
    { rule: oldCode, section: 'FAPI 2.0 §5.3.2.1 no. 11' },
    { rule: plainIssuer, section: 'FAPI 2.0 §5.2.1 no. 1' },
    ...algorithms(allowed).map((rule) => ({ rule, section: algorithmSection })),
    { rule: tokenService, section: 'FAPI 2.0 §5.4.1 no. 4' },
  ];
}

/** The clauses for flows with an authorization endpoint. */
export const FLOW_CLAUSES: readonly Clause[] = [
  { rule: codeOnly, section: 'FAPI 2.0 §5.3.2.2 no. 1' },
  { rule: notPushed, section: 'FAPI 2.0 §5.3.2.2 no. 2, 3' },
  { rule: withoutPKCE, section: 'FAPI 2.0 §5.3.2.2 no. 5' },
  { rule: plainPKCE, section: 'FAPI 2.0 §5.3.2.2 no. 5' },
  { rule: withoutRedirectURI, section: 'FAPI 2.0 §5.3.2.2 no. 6' },
  { rule: withoutIssuer, section: 'FAPI 2.0 §5.3.2.2 no. 7' },
  { rule: plainHTTP, section: 'FAPI 2.0 §5.3.2.2 no. 8' },
  { rule: pushedTooLong, section: 'FAPI 2.0 §5.3.2.2 no. 12' },
];

export const FAPI_2_0: readonly Clause[] = [...generalClauses(FAPI_2, 'FAPI 2.0 §5.4.1 no. 1'), ...FLOW_CLAUSES];
