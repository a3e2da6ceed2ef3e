/** Attacks on OpenID Providers. */
import type { Attack } from './attack.js';
import { accessTokenAsIDToken, idTokenAsAccessToken, userinfoSubstitution } from './openid/confusion.js';
import { idTokenHintForgery } from './openid/hint-forgery.js';
import { idTokenHash, idTokenNonce, idTokenOfAnotherClient } from './openid/id-tokens.js';
import { logoutCSRF, logoutOpenRedirect } from './openid/logout.js';
import { decisionAfterUserSwitch, loginSkipped, promptNonePage, subjectMismatch } from './openid/user.js';

export const openidAttacks: readonly Attack[] = [
  idTokenNonce,
  idTokenHash,
  idTokenOfAnotherClient,
  idTokenAsAccessToken,
  accessTokenAsIDToken,
  userinfoSubstitution,
  idTokenHintForgery,
  subjectMismatch,
  promptNonePage,
  loginSkipped,
  decisionAfterUserSwitch,
  logoutCSRF,
  logoutOpenRedirect,
];
