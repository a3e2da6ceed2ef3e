/** Attacks at the authorization endpoint, and on its dialog. */
import type { Attack } from './attack.js';
import { consentSkipped } from './authorization/consent.js';
import { dialogReadByScript } from './authorization/cross-origin.js';
import {
  csrfDecision,
  decisionFromAnotherSession,
  redirectKeepsPost,
  transactionReplay,
} from './authorization/decision.js';
import { mixUp } from './authorization/mix-up.js';
import {
  clickjacking,
  dialogCached,
  errorReflectsMarkup,
  headerInjection,
  referrerLeak,
} from './authorization/pages.js';
import { implicitGrant, pkceMissingChallenge, pkcePlainDowngrade } from './authorization/pkce.js';
import { authorizationParameterPollution } from './authorization/pollution.js';
import { openRedirectByError, redirectURIMissing, redirectURIVariants } from './authorization/redirect-uri.js';
import { sessionFixation } from './authorization/session.js';

export const authorizationAttacks: readonly Attack[] = [
  redirectURIVariants,
  redirectURIMissing,
  openRedirectByError,
  authorizationParameterPollution,
  mixUp,
  implicitGrant,
  pkceMissingChallenge,
  pkcePlainDowngrade,
  consentSkipped,
  csrfDecision,
  decisionFromAnotherSession,
  transactionReplay,
  redirectKeepsPost,
  sessionFixation,
  clickjacking,
  dialogReadByScript,
  referrerLeak,
  dialogCached,
  errorReflectsMarkup,
  headerInjection,
];
