/** OpenID Connect Core 1.0. Every public name. */
export { type InitiatedLogin, initiatedLoginURL } from './initiate-login.js';
export type { ClaimRequest, ClaimRequests, ExpectedUser, RequestedClaims } from './members.js';
export type {
  AskedClaims,
  IDTokenResponseType,
  OpenIDOptions,
  PairwiseSubject,
  PromptValue,
  UserInfoOptions,
} from './options.js';
export { verifySector } from './sector.js';
export { openid } from './server.js';
