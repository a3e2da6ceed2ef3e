/** What OAuth 2.1 (draft-ietf-oauth-v2-1-16) forbids. */
import type { Clause } from '../rule.js';
import { implicitGrant, passwordGrant } from '../rules/grants.js';
import { notCompared, plainHTTP, shortScheme } from '../rules/redirects.js';
import { withoutPKCE } from '../rules/requests.js';
import { keptPublicRefreshToken } from '../rules/tokens.js';

export const DRAFT = 'draft-ietf-oauth-v2-1-16';

export const OAUTH_2_1: readonly Clause[] = [
  { rule: implicitGrant, section: 'OAuth 2.1 §10.1' },
  { rule: passwordGrant, section: 'OAuth 2.1 §10' },
  { rule: withoutPKCE, section: 'OAuth 2.1 §7.5.1' },
  { rule: notCompared, section: 'OAuth 2.1 §2.3.1' },
  { rule: plainHTTP, section: 'OAuth 2.1 §1.5' },
  { rule: shortScheme, section: 'OAuth 2.1 §2.3.1' },
  { rule: keptPublicRefreshToken, section: 'OAuth 2.1 §4.3.1' },
];
