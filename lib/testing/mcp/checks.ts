/** All checks, in the order in which they are tried. */
import type { Check } from './check.js';
import { announced } from './checks/announced.js';
import { authorization } from './checks/authorization.js';
import { challenges } from './checks/challenges.js';
import { codes } from './checks/code.js';
import { documents } from './checks/documents.js';
import { fetchedDocuments } from './checks/fetched-documents.js';
import { forgedTokens } from './checks/forged-tokens.js';
import { issuers } from './checks/issuer.js';
import { pkce } from './checks/pkce.js';
import { redirects } from './checks/redirects.js';
import { refreshTokens } from './checks/refresh.js';
import { registrations } from './checks/registering.js';
import { resourceMetadata } from './checks/resource-metadata.js';
import { resources } from './checks/resources.js';
import { serverMetadata } from './checks/server-metadata.js';
import { sessions } from './checks/sessions.js';
import { ended, stepUp } from './checks/step-up.js';
import { token } from './checks/token.js';
import { tokenErrors } from './checks/token-errors.js';
import { tokensAtAPI } from './checks/tokens-at-api.js';

export const checks: readonly Check[] = [
  ...challenges,
  ...resourceMetadata,
  ...serverMetadata,
  ...announced,
  ...authorization,
  ...redirects,
  ...issuers,
  ...pkce,
  ...token,
  ...tokenErrors,
  ...codes,
  ...resources,
  ...tokensAtAPI,
  ...forgedTokens,
  ...sessions,
  ...stepUp,
  ...documents,
  ...fetchedDocuments,
  ...registrations,
  ...refreshTokens,
  ...ended,
];
