/** RFC 7523 §2.1, `koauthorize/jwt-bearer`: JWTs as authorization grants. Every public name. */
export type { AssertionProfile, PresentedAt } from '../../assertion/profile.js';
export type { TrustedIssuer, TrustedIssuers } from '../../assertion/trusted-issuer.js';
export type { Asserted } from './authorization.js';
export type { AssertedAuthorization, JWTBearerOptions, PresentedAssertion } from './options.js';
export { jwtBearer } from './server.js';
