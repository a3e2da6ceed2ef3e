/** Attacks on the token endpoint, and with its tokens. */
import type { Attack } from './attack.js';
import {
  clientConfusion,
  clientEnumeration,
  emptySecret,
  noSecret,
  twoAuthentications,
  wrongSecret,
} from './token/client.js';
import { codeRace, codeReplay, codeReplayKeepsTokens } from './token/code.js';
import { codeGuessing, codeOfAnotherClient, codeOracle, codeWithAnotherRedirectURI } from './token/code-binding.js';
import { tokenConfusion } from './token/confusion.js';
import { operatorInjection } from './token/injection.js';
import { introspectionOfAnothersToken, introspectionWithoutAuthentication } from './token/introspection.js';
import { passwordGrant, tokenCaching, tokenInURL, tokenParameterPollution } from './token/parameters.js';
import { pkceBruteForce, pkceMissingVerifier, pkceVerifierWithoutChallenge, pkceWrongVerifier } from './token/pkce.js';
import { refreshOfAnotherClient, refreshRace, refreshReplay, refreshReplayKeepsFamily } from './token/refresh.js';
import { revocationOfAnothersToken, revocationWithoutEffect } from './token/revocation.js';
import { scopeAtExchange, scopeWidening } from './token/scope.js';
import { timingOfSecrets } from './token/timing.js';

export const tokenAttacks: readonly Attack[] = [
  codeReplay,
  codeReplayKeepsTokens,
  codeRace,
  codeOfAnotherClient,
  codeWithAnotherRedirectURI,
  codeGuessing,
  codeOracle,
  pkceMissingVerifier,
  pkceWrongVerifier,
  pkceBruteForce,
  pkceVerifierWithoutChallenge,
  tokenParameterPollution,
  tokenInURL,
  tokenCaching,
  tokenConfusion,
  passwordGrant,
  refreshReplay,
  refreshReplayKeepsFamily,
  refreshRace,
  refreshOfAnotherClient,
  scopeWidening,
  scopeAtExchange,
  introspectionWithoutAuthentication,
  introspectionOfAnothersToken,
  revocationOfAnothersToken,
  revocationWithoutEffect,
  clientConfusion,
  twoAuthentications,
  operatorInjection,
  clientEnumeration,
  wrongSecret,
  emptySecret,
  noSecret,
  timingOfSecrets, // last: it uses up the guesses of a server that counts them
];
