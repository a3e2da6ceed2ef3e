/** What authors of extensions need besides the types: the same that the extensions of this package use. */
export { judgeAuthorizationRequest, type RequestElsewhere } from './authorization/judge.js';
export { listOf, restricts, textOf, timeOf, wordsOf } from './clients/member.js';
export type {
  AllowedOrigins,
  Core,
  EndpointURLs,
  Extension,
  KnownParameters,
  Layer,
  Locations,
  Plug,
  Route,
} from './core.js';
export { reasoned } from './errors/reason.js';
export { type Finding, type Relaxation, type Relaxations, relaxationsOf } from './findings.js';
export { answersForDocument, answersPreflight } from './http/cors.js';
export type { Fetch } from './http/fetch-text.js';
export { noStore } from './http/headers.js';
export { answerJSON } from './http/json.js';
export { readPostedParams } from './http/params.js';
export { type PerRequest, perRequest } from './http/per-request.js';
export { type PublicFetchOptions, publicFetch } from './http/public-fetch.js';
export { signingAlgorithms, signingKey, signJWT } from './keys/sign.js';
export type {
  ClientTerms,
  ConnectedTokens,
  EphemeralStore,
  PendingAuthorization,
  PendingAuthorizations,
  ServerFacts,
  SigningKey,
  SigningKeys,
} from './plugs.js';
export type { ProfileFacts } from './profile/facts.js';
export type { RefusalRule } from './refusal-rule.js';
export { requireLocation } from './registry/locations.js';
export { equalInConstantTime } from './secrets/constant-time.js';
export { random } from './secrets/random.js';
export type {
  AskedRequest,
  AuthorizationSteps,
  ClientAssertion,
  ClientLookup,
  JudgedRequest,
  Outcome,
  TokenSteps,
} from './steps.js';
export { toParams } from './syntax/param-map.js';
export { responseTypeWords } from './syntax/response-type.js';
export { type Authenticated, authenticatedClient } from './token/authenticated-client.js';
export { clientOf, readInquiry, type TokenInquiry } from './token/client.js';
