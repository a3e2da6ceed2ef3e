/** The rules of the doctor, in the order in which they are reported. */

import type { DoctorRule } from './rule.js';
import { audienceTooWide } from './rules/audience-too-wide.js';
import { authMethodNotPluggedIn } from './rules/auth-method-not-plugged-in.js';
import { bodyLimit } from './rules/body-limit.js';
import { clientAuthenticationMissing } from './rules/client-authentication-missing.js';
import { clockSkew } from './rules/clock-skew.js';
import { cookieFlags } from './rules/cookie-flags.js';
import { cookieKeys } from './rules/cookie-keys.js';
import { cookieSession } from './rules/cookie-session.js';
import { corsOnAuthorize } from './rules/cors-on-authorize.js';
import { endpointMissing } from './rules/endpoint-missing.js';
import { errorHandlerPlace } from './rules/error-handler-place.js';
import { grantNotPluggedIn } from './rules/grant-not-plugged-in.js';
import { implicitGrant } from './rules/implicit-grant.js';
import { introspectionPublic } from './rules/introspection-public.js';
import { issuerMismatch } from './rules/issuer-mismatch.js';
import { issuerPlainHTTP } from './rules/issuer-plain-http.js';
import { keyAge } from './rules/key-age.js';
import { keyOverlap } from './rules/key-overlap.js';
import { keysUnpublished } from './rules/keys-unpublished.js';
import { metadataMissing } from './rules/metadata-missing.js';
import { metadataOrigin } from './rules/metadata-origin.js';
import { mixUp } from './rules/mix-up.js';
import { notStarting } from './rules/not-starting.js';
import { passwordGrant } from './rules/password-grant.js';
import { pkceMissing } from './rules/pkce-missing.js';
import { pkcePlain } from './rules/pkce-plain.js';
import { privateKeyPublished } from './rules/private-key-published.js';
import { proxyAndHTTPS } from './rules/proxy-and-https.js';
import { redirectURIPlainHTTP } from './rules/redirect-uri-plain-http.js';
import { redirectURIWildcard } from './rules/redirect-uri-wildcard.js';
import { registrationMisnamed } from './rules/registration-misnamed.js';
import { revocationMissing } from './rules/revocation-missing.js';
import { sameSite } from './rules/same-site.js';
import { scopeMismatch } from './rules/scope-mismatch.js';
import { secretPlain } from './rules/secret-plain.js';
import { secretShort } from './rules/secret-short.js';
import { serverUnreachable } from './rules/server-unreachable.js';
import { sessionPlace } from './rules/session-place.js';
import { storeIncomplete } from './rules/store-incomplete.js';
import { storeVolatile } from './rules/store-volatile.js';
import { tokenLifetime } from './rules/token-lifetime.js';
import { weakAlgorithm } from './rules/weak-algorithm.js';

export const RULES: readonly DoctorRule[] = [
  notStarting,
  serverUnreachable,
  pkceMissing,
  pkcePlain,
  mixUp,
  implicitGrant,
  passwordGrant,
  revocationMissing,
  introspectionPublic,
  corsOnAuthorize,
  issuerPlainHTTP,
  issuerMismatch,
  metadataMissing,
  metadataOrigin,
  endpointMissing,
  proxyAndHTTPS,
  errorHandlerPlace,
  sessionPlace,
  clientAuthenticationMissing,
  cookieSession,
  cookieFlags,
  cookieKeys,
  sameSite,
  bodyLimit,
  registrationMisnamed,
  authMethodNotPluggedIn,
  redirectURIWildcard,
  redirectURIPlainHTTP,
  secretPlain,
  secretShort,
  grantNotPluggedIn,
  scopeMismatch,
  tokenLifetime,
  audienceTooWide,
  keyAge,
  keyOverlap,
  keysUnpublished,
  privateKeyPublished,
  weakAlgorithm,
  clockSkew,
  storeIncomplete,
  storeVolatile,
];
