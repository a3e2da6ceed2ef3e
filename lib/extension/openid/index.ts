/** OpenID Connect Core 1.0. Every public name. */
export type { ClaimRequest, ClaimRequests, ExpectedUser, RequestedClaims } from './members.js';
export type { AskedClaims, OpenIDOptions, PairwiseSubject, UserInfoOptions } from './options.js';
export { verifySector } from './sector.js';
export { openid } from './server.js';
